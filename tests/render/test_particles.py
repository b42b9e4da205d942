"""Korean particles follow the last sound of the word before them, as a Korean reads it."""

import pytest

from maintainer.model.message import message
from maintainer.render.particles import PARTICLES, Filled, last_sound
from maintainer.render.words import Catalogue, say


@pytest.mark.parametrize(
    ("text", "with_particles"),
    [
        ("서버", "서버는 서버를 서버로"),
        ("대상", "대상은 대상을 대상으로"),
        ("파일", "파일은 파일을 파일로"),
        ("checkout/gift-cards", "checkout/gift-cards는 checkout/gift-cards를 checkout/gift-cards로"),
        ("shop/cart", "shop/cart는 shop/cart를 shop/cart로"),
        ("Rollout", "Rollout은 Rollout을 Rollout으로"),
        ("ConfigMap", "ConfigMap은 ConfigMap을 ConfigMap으로"),
        ("canary-weight-metric", "canary-weight-metric은 canary-weight-metric을 canary-weight-metric으로"),
        ("price-app", "price-app은 price-app을 price-app으로"),
        ("kubectl", "kubectl은 kubectl을 kubectl로"),
        ("namespace", "namespace는 namespace를 namespace로"),
        ("Progressing", "Progressing은 Progressing을 Progressing으로"),
        ("rule", "rule은 rule을 rule로"),
        ("API", "API는 API를 API로"),
        ("URL", "URL은 URL을 URL로"),
        ("JSON", "JSON은 JSON을 JSON으로"),
        ("v1.9.2", "v1.9.2는 v1.9.2를 v1.9.2로"),
        ("1,577", "1,577은 1,577을 1,577로"),
        ("127.0.0.1:9090", "127.0.0.1:9090은 127.0.0.1:9090을 127.0.0.1:9090으로"),
        ("5 %", "5 %는 5 %를 5 %로"),
        ('phase="Degraded"', 'phase="Degraded"는 phase="Degraded"를 phase="Degraded"로'),
        ("payments (인증서)", "payments (인증서)는 payments (인증서)를 payments (인증서)로"),
        ("😀", "😀은(는) 😀을(를) 😀(으)로"),
        ("", "은(는) 을(를) (으)로"),
    ],
)
def test_the_particle_follows_the_last_sound(text: str, with_particles: str) -> None:
    filled = Filled(text)

    assert f"{filled:은는} {filled:을를} {filled:으로로}" == with_particles


@pytest.mark.parametrize("particle", PARTICLES)
def test_a_syllable_that_ends_with_a_consonant_takes_the_first_form(particle: str) -> None:
    after_consonant, after_vowel, _ = PARTICLES[particle]

    assert f"{Filled('정책'):{particle}}" == f"정책{after_consonant}"
    assert f"{Filled('서버'):{particle}}" == f"서버{after_vowel}"


def test_every_syllable_of_hangul_has_a_sound() -> None:
    sounds = {last_sound(chr(code)) for code in range(ord("가"), ord("힣") + 1)}

    assert sounds == {"vowel", "ㄹ", "consonant"}


def test_a_sentence_asks_for_the_particle_behind_the_name() -> None:
    catalogue = Catalogue(
        "ko", {"gone": "{rollout:이가} 없습니다.", "all": "{parts:을를} 확인하세요.", "part": "{name}"}
    )

    assert say(catalogue, message("gone", rollout="shop/cart")) == "shop/cart가 없습니다."
    assert say(catalogue, message("all", parts=message("part", name="규칙"))) == "규칙을 확인하세요."


def test_an_unknown_particle_costs_its_sentence_only() -> None:
    assert say(Catalogue("ko", {"gone": "{rollout:the}"}), message("gone", rollout="a")) == "gone (rollout=a)"


def test_a_long_text_costs_no_more_than_a_name() -> None:
    assert last_sound("a" * 1_000_000 + "_") == "unknown"
    assert last_sound("파일 " + "(" * 1_000_000 + "파일") == "ㄹ"
