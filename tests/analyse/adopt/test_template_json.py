"""A dashboard in a template: its JSON is edited, and the actions of Helm in it stay."""

import copy
import json
from typing import Any

from maintainer.analyse.adopt.template_json import InTemplate, in_template

TEMPLATE = """apiVersion: v1
kind: ConfigMap
data:
  other.json: |
    {}
  a.json: |
    {
      "uid": "u",
      "panels": [
        {"id": 1, "title": "{{ .Values.title }}", "legendFormat": "{{ "{{" }}name{{ "}}" }}"},
        {"id": 2, "title": "Two", "legendFormat": "{{`{{phase}}`}}"}
      ]
    }

  last: |
    x
{{- end }}
"""


def found(key: str = "a.json", template: str = TEMPLATE) -> InTemplate:
    inside = in_template(template, key)
    assert inside is not None
    return inside


def changed(**fields: str) -> str:
    """The template after changes of its first panel."""

    def merged(own: Any) -> Any:
        wanted = copy.deepcopy(own)
        wanted["panels"][0] |= fields
        return wanted

    return found().with_changes(merged)


def test_it_says_what_its_literal_actions_give() -> None:
    document = found().document
    assert document == {
        "uid": "u",
        "panels": [
            {"id": 1, "title": "{{ .Values.title }}", "legendFormat": "{{name}}"},
            {"id": 2, "title": "Two", "legendFormat": "{{phase}}"},
        ],
    }


def test_where_nothing_is_changed_the_template_stays() -> None:
    assert found().with_changes(lambda own: own) == TEMPLATE


def test_a_new_text_has_its_braces_written_so_that_helm_gives_them() -> None:
    after = changed(legendFormat="{{name}} in {{namespace}}")
    assert after == TEMPLATE.replace('{{ "{{" }}name{{ "}}" }}', "{{`{{`}}name}} in {{`{{`}}namespace}}")


def test_an_action_stays_where_its_text_does() -> None:
    after = changed(description="New")
    assert '"title": "{{ .Values.title }}"' in after
    assert after.replace(', "description": "New"', "") == TEMPLATE


def test_only_the_block_of_the_key_is_read() -> None:
    assert found("other.json").document == {}
    assert found("other.json").with_changes(lambda _: {"a": 1}).count('"uid": "u"') == 1


def test_what_is_no_json_is_left() -> None:
    template = TEMPLATE.replace('"uid": "u",', '{{- if .Values.uid }}\n      "uid": "u",\n      {{- end }}')
    assert in_template(template, "a.json") is None
    assert in_template(TEMPLATE, "none.json") is None
    assert json.loads("{}") == found("other.json").document
