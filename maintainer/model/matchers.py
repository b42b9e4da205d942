"""Label matchers in PromQL."""


def matcher(label: str, value: str, *, op: str = "=") -> str:
    """A matcher such as ``phase="Paused"``, with the value quoted and escaped."""
    text = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{label}{op}"{text}"'
