"""``helm template NAME CHART --namespace NAMESPACE --values FILE --no-hooks``, by the library of Helm 4."""

import json
import sys
from pathlib import Path

import helm_python


def main(words: list[str]) -> int:
    """Print the manifests in the order of their files, or what Helm says against them."""
    command, name, chart, _, namespace, _, values, _ = words
    assert command == "template"
    try:
        with helm_python.Chart.load(Path(chart)) as loaded:
            texts = loaded.render(json.loads(Path(values).read_text("utf-8")), name=name, namespace=namespace)
    except helm_python.HelmError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    for file, text in sorted(texts.items()):
        if not file.endswith("NOTES.txt") and text.strip():
            sys.stdout.write(f"---\n# Source: {file}\n{text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
