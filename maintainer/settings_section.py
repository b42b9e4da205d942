"""What the sections of the settings share."""

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_camel

from maintainer.settings_values import File


class Section(BaseModel):
    """A part of the settings; its keys are camelCase, and an unknown one is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=False)

    @model_validator(mode="before")
    @classmethod
    def _of_nothing(cls, value: object) -> object:
        """A section whose keys are all commented out is ``null`` in YAML, and sets nothing."""
        return {} if value is None else value


class BasicAuth(Section):
    """HTTP basic authentication; the password is in a file."""

    username: str = ""
    password_file: File = ""
