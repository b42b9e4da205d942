"""The Containerfile, where it repeats what stands elsewhere."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_image_is_made_with_the_uv_of_the_makefile() -> None:
    [of_image] = re.findall(r"^ARG UV_VERSION=(.*)", (ROOT / "Containerfile").read_text(), re.MULTILINE)
    [of_make] = re.findall(r"^UV_VERSION := (.*)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert of_image == of_make
