"""Calls to a provider that misbehaves, with the real OpenAI client in the loop.

What is tried again, what never, what it costs, and that no wait, thread or secret is left behind.
"""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from resources.catalogue import ConfiguredProviders
from resources.openai_client import OpenAIClient
from resources.provider_file import AccountConfig, ProviderFile
from tests.faults.provider import FAULTS, Outage, Provider, at_random, scripted
from tests.kit.clock import FakeClock, SkippedWaits, use_clock
from tests.kit.forked_commands import start_program
from tests.kit.house import await_true
from video_assets.studio.calls.attempt import Attempt, Response
from video_assets.studio.calls.circuit_breaker import FAILURES_UNTIL_OPEN
from video_assets.studio.calls.context import CallContext, CallServices
from video_assets.studio.calls.ledger.ledger import Budget, summarise
from video_assets.studio.calls.paid_responses import PaidRequest, get_or_call
from video_assets.studio.calls.pricing import BilledUsage, Price, Prices
from video_assets.studio.calls.provider_state import ProviderState
from video_assets.studio.calls.rate_limiter import Account
from video_assets.studio.calls.slots import LocalSlots
from video_assets.studio.core.errors import (
    BudgetExceeded,
    ContentRefused,
    InvalidResponse,
    OutcomeUnknown,
    ProviderError,
    QuotaExhausted,
    Rejected,
    Unavailable,
)
from video_assets.studio.storage.store import LocalStore

SAID = "Every cloud is water, and water is heavier than air."


class Desk:
    """Somebody who buys short sounds from `provider`."""

    def __init__(
        self, root: Path, provider: Provider, *, accounts: tuple[AccountConfig, ...] = (AccountConfig(),), **file: Any
    ) -> None:
        self.root = root
        settings = {"timeout_seconds": 2, "patience_seconds": 20, "first_wait_seconds": 0.02, **file}
        self.client = OpenAIClient("trial", ProviderFile(url=provider.url, accounts=accounts, **settings))
        prices = Prices(date="2026-01-01", models={"m": Price(characters_per_million=Decimal(1_000_000))})
        self.calls = CallServices(root / "calls", prices)
        self.store = LocalStore(root / "store")
        self.slots = LocalSlots({"trial": 8})
        self.told: list[str] = []
        self.judging: Callable[[], None] = lambda: None
        """Called before an answer is judged."""

    def buy(self, text: str = SAID) -> bytes:
        """The sound of `text`; whatever is no WAV is not kept."""
        paid_request = PaidRequest(
            "speech", "m", "trial", {"provider": "trial"}, {"input": text}, BilledUsage(characters=len(text))
        )
        call_context = CallContext(self.calls, self.slots, self.store, "lesson", "section", "run", self.told.append)

        def send(attempt: Attempt) -> Response[bytes]:
            data, _ = self.client.bytes(
                attempt,
                lambda client: client.audio.speech.with_streaming_response.create(
                    model="m", voice="alloy", input=text, response_format="wav"
                ),
            )
            return Response(data, paid_request.max_usage)

        def judge(data: bytes) -> None:
            self.judging()
            if not data.startswith(b"RIFF") or len(data) < 8 + int.from_bytes(data[4:8], "little"):
                raise InvalidResponse("It answered with something else.")

        return get_or_call(paid_request, call_context, self.client.caller, send, judge).data

    def outcomes(self) -> list[str]:
        """What came of each try, by the journal."""
        return [each.outcome for each in self.calls.ledger.purchases()]


@pytest.fixture
def services(tmp_path: Path) -> Callable[..., Desk]:
    """Makes a buyer."""
    return lambda provider, **how: Desk(tmp_path, provider, **how)


KINDS = {
    "": None,
    "500": Unavailable,
    "502-html": Unavailable,
    "503": Unavailable,
    "503-retry-after": Unavailable,
    "429": Unavailable,
    "429-date": Unavailable,
    "quota": QuotaExhausted,
    "reset": OutcomeUnknown,
    "reset-in-body": OutcomeUnknown,
    "hang": OutcomeUnknown,
    "drip-headers": OutcomeUnknown,
    "drip-body": OutcomeUnknown,
    "stall-at-99": OutcomeUnknown,
    "html-200": InvalidResponse,
    "empty-200": InvalidResponse,
    "wrong-type": InvalidResponse,
    "close-in-body": InvalidResponse,
    "cut-sound-header": InvalidResponse,
    "redirect": Rejected,
    "401": Rejected,
    "secret-in-error": Rejected,
}


@pytest.mark.parametrize("fault", KINDS)
def test_each_fault_is_known_for_what_another_try_is_worth(
    fault: str, provide: Callable[..., Provider], services: Callable[..., Desk]
) -> None:
    """Somebody would pay again and again for what never comes, or lose a lesson to a hiccup."""
    provider = provide(faults=scripted(fault))
    buyer = services(provider, tries=1, timeout_seconds=1)
    if KINDS[fault] is None:
        assert buyer.buy().startswith(b"RIFF")
        return
    with pytest.raises(ProviderError) as caught:
        buyer.buy()
    assert type(caught.value) is KINDS[fault]
    billed = FAULTS[fault].billed
    assert (buyer.outcomes()[-1] in {"unusable", "unknown"}) or not billed, "what may be billed is noted as such"
    assert provider.elsewhere == 0, "a prompt must not follow a redirect"


@pytest.mark.parametrize(
    "fault", [name for name, kind in KINDS.items() if kind in {Unavailable, OutcomeUnknown, InvalidResponse}]
)
def test_what_may_pass_is_tried_again_and_paid_no_more_than_needed(
    fault: str, provide: Callable[..., Provider], services: Callable[..., Desk]
) -> None:
    """One hiccup would cost a section, or a sound that is there already would be bought once more."""
    provider = provide(faults=scripted(fault), retry_after_seconds=0.3)
    buyer = services(provider, timeout_seconds=1)
    buyer.buy()
    buyer.buy()
    due = time.monotonic() + 60
    while len(provider.ledger.entries) < 2 and time.monotonic() < due:
        time.sleep(0.05)  # a server that drips notices late that nobody listens
    assert len(provider.ledger.entries) == 2
    assert provider.ledger.wasted == 0
    assert buyer.outcomes()[-1] == "done"


def test_what_is_refused_is_never_asked_again(provide: Callable[..., Provider], services: Callable[..., Desk]) -> None:
    """A wrong key would be tried eight times for each of a thousand sections, and the account locked."""
    provider = provide(keys={"right"})
    buyer = services(provider)
    with pytest.raises(Rejected, match="key"):
        buyer.buy()
    assert len(provider.ledger.entries) == 1


def test_forbidden_words_are_remembered_over_runs(
    tmp_path: Path, provide: Callable[..., Provider], described: Callable[..., ConfiguredProviders]
) -> None:
    """Every nightly run would send the same forbidden prompt again, until the account is closed."""
    from video_assets.studio.pictures.illustration import IllustrationRequest

    provider = provide(faults=scripted("refusal"))
    picture_provider = described(provider).illustrators()["trial"]
    request = IllustrationRequest(description="A scene.", style="plain", width_px=600, height_px=400)
    for _ in range(2):
        call_context = CallContext(CallServices(tmp_path / "calls"), LocalSlots({}), LocalStore(tmp_path / "store"))
        with pytest.raises(ContentRefused, match="safety"):
            picture_provider.illustrate(request, call_context)
    due = time.monotonic() + 60
    while not provider.ledger.entries and time.monotonic() < due:
        time.sleep(0.05)  # the server writes an entry after its answer has gone out
    assert len(provider.ledger.entries) == 1


def test_nothing_is_asked_after_the_first_quota_error(
    provide: Callable[..., Provider], services: Callable[..., Desk]
) -> None:
    """An archive of thousands would send thousands of requests that cannot succeed."""
    provider = provide(quota=1)
    buyer = services(provider)
    buyer.buy("first")
    with ThreadPoolExecutor(1) as pool:
        errors = [pool.submit(buyer.buy, f"text {number}").exception() for number in range(6)]
    assert all(isinstance(error, QuotaExhausted) for error in errors)
    assert len(provider.ledger.entries) == 2


def test_a_call_is_given_up_once_and_in_time(provide: Callable[..., Provider], services: Callable[..., Desk]) -> None:
    """A section would wait eight times as long as it was given, and its message say so as often."""
    buyer = services(provide(faults=Outage("503-retry-after"), retry_after_seconds=1.5), patience_seconds=2, tries=8)
    with pytest.raises(ProviderError, match="503") as caught:
        buyer.buy()
    assert str(caught.value).count("Given up") == 1
    assert caught.value.__cause__ is not None


def test_no_try_is_begun_that_cannot_end(provide: Callable[..., Provider], services: Callable[..., Desk]) -> None:
    """The last try of a call would be billed, and thrown away a moment before its answer came."""
    provider = provide(faults=scripted("503-retry-after"), retry_after_seconds=2.0, latency={"speech": 2.5})
    buyer = services(provider, patience_seconds=4, timeout_seconds=30)
    assert buyer.buy().startswith(b"RIFF")
    thrown_away = [entry for entry in provider.ledger.entries if entry.billed and not entry.delivered]
    assert thrown_away == []
    assert buyer.outcomes() == ["failed", "done"]


def test_who_waits_for_a_slot_loses_none_of_its_patience(
    provide: Callable[..., Provider], services: Callable[..., Desk]
) -> None:
    """A painter on one's own machine takes one picture at a time: the last of thirty would fail before it was asked."""
    provider = provide(latency={"speech": 1.0})
    buyer = services(provider, timeout_seconds=2, patience_seconds=3, tries=1)
    buyer.slots = LocalSlots({"trial": 1})
    with ThreadPoolExecutor(6) as pool:
        for each in [pool.submit(buyer.buy, f"text {number}") for number in range(6)]:
            each.result()
    assert buyer.outcomes() == ["done"] * 6


def test_who_waits_for_its_turn_of_a_minute_s_requests_loses_none_of_its_patience(
    provide: Callable[..., Provider], services: Callable[..., Desk]
) -> None:
    """A small account's limit is no fault of the provider's: the last of many sections would fail for it."""
    buyer = services(
        provide(), accounts=(AccountConfig(requests_per_minute=60),), patience_seconds=3, timeout_seconds=2, tries=1
    )
    with ThreadPoolExecutor(6) as pool:
        for each in [pool.submit(buyer.buy, f"text {number}") for number in range(6)]:
            each.result()
    assert buyer.outcomes() == ["done"] * 6


def test_an_outage_is_probed_and_not_hammered(
    provide: Callable[..., Provider], services: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A provider that is down would get a thousand requests a minute, and throttle the account when it is back."""
    outage, clock, probe_seconds, threads = Outage("503"), FakeClock(), 1.0, 4
    use_clock(monkeypatch, clock)
    provider = provide(faults=outage)
    buyer = services(provider, patience_seconds=60)
    buyer.calls.stopped = SkippedWaits(clock)
    buyer.client.caller._retry_policy = buyer.client.file.retry_policy._replace(probe_interval_seconds=probe_seconds)
    under_way = threads - 1
    with ThreadPoolExecutor(threads) as pool:
        waiting = [pool.submit(buyer.buy, f"text {number}") for number in range(threads)]
        await_true(lambda: len(provider.ledger.entries) >= FAILURES_UNTIL_OPEN + under_way + 3)
        outage.end()
        sounds = [each.result() for each in waiting]
    assert all(sound.startswith(b"RIFF") for sound in sounds)
    failed = [entry for entry in provider.ledger.entries if not entry.delivered]
    probes = 1 + clock.passed_seconds / probe_seconds
    assert len(failed) <= FAILURES_UNTIL_OPEN + under_way + probes, "one probe in each interval"


def test_several_accounts_share_the_work_by_what_each_may_ask(tmp_path: Path) -> None:
    """A second key that was bought for speed would lie idle, or the small one be throttled while it rests."""
    accounts, clock = (Account("small", 600), Account("large", 1800)), FakeClock()
    provider_state = ProviderState(tmp_path, "trial", accounts, clock=clock)
    counts = Counter[str]()
    for _ in range(400):
        permit = provider_state.acquire()
        if permit.account is None:
            clock.pass_(permit.wait_seconds)
        else:
            counts[permit.account.name] += 1
    assert counts["large"] / counts["small"] == pytest.approx(3, rel=0.05)


BUYER = """
import sys, json
from pathlib import Path
from resources.openai_client import OpenAIClient
from resources.provider_file import AccountConfig, ProviderFile
from tests.faults.test_calls import Desk
class Server: url = sys.argv[2]
rpm = int(sys.argv[4])
accounts = (AccountConfig(requests_per_minute=rpm),)
buyer = Desk(Path(sys.argv[1]), Server, accounts=accounts, timeout_seconds=30, patience_seconds=90)
buyer.client._warm()
sys.stdout.write("ready\\n"); sys.stdout.flush(); sys.stdin.readline()
for text in json.loads(sys.argv[3]):
    buyer.buy(text)
"""


def _process(root: Path, provider: Provider, texts: list[str], rpm: int = 0) -> subprocess.Popen[str]:
    process = start_program(BUYER, str(root), provider.url, json.dumps(texts), str(rpm))
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _go(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()


@pytest.mark.parametrize("told", ["429", "429-date"])
def test_eight_processes_heed_a_limit_that_one_was_told_of(
    told: str, tmp_path: Path, provide: Callable[..., Provider]
) -> None:
    """Eight runs beside each other would each run into the limit that the others were told of."""
    rpm, each = 600, 8
    provider = provide(faults=scripted("", "", "", told), retry_after_seconds=1.0)
    processes = [_process(tmp_path, provider, [f"{number} {name}" for number in range(each)], rpm) for name in range(8)]
    _go(*processes)
    assert [process.wait(60) for process in processes] == [0] * 8
    entries = sorted(provider.ledger.entries)
    # Nobody can know before the answer has come to one of them: from then on, written to the gate, it holds for all.
    gate = json.loads((tmp_path / "calls" / "gates" / "trial.json").read_text())
    opens = gate["accounts"]["main"]["open_at"] - (time.time() - time.monotonic())
    (limit,) = (entry for entry in entries if entry.retry_after)
    assert opens >= limit.ended + limit.retry_after
    known_after = opens - limit.retry_after - limit.ended
    # Each of the others may have been between its last look at the gate and the wire, once.
    assert len(provider.ledger.early(known_after)) <= 7
    assert len(entries) == 8 * each + 1


def test_two_processes_with_one_wish_pay_once(tmp_path: Path, provide: Callable[..., Provider]) -> None:
    """Two lessons that share a sentence, made at once, would buy it twice."""
    provider = provide(latency={"speech": 0.5})
    processes = [_process(tmp_path, provider, [SAID]) for _ in range(3)]
    _go(*processes)
    assert [process.wait(30) for process in processes] == [0, 0, 0]
    assert provider.ledger.billed == 1


def test_a_kill_costs_no_more_than_the_calls_in_flight(
    tmp_path: Path, provide: Callable[..., Provider], services: Callable[..., Desk]
) -> None:
    """A power cut in the midst of an archive would make its owner pay for all of it again."""
    provider = provide(latency={"speech": 0.4})
    process = _process(tmp_path, provider, [f"text {number}" for number in range(6)])
    _go(process)
    while len(provider.ledger.entries) < 3:
        time.sleep(0.01)
    time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    buyer = services(provider)
    assert buyer.outcomes()[-1] == "open", "the call in flight is known as such"
    for number in range(6):
        buyer.buy(f"text {number}")
    assert provider.ledger.billed <= 7
    total = summarise(buyer.calls.ledger.purchases())
    assert total.uncertain == Decimal(len("text 0")), "what it may have cost is told apart"


JUDGED_FOR_EVER = """
import sys, time
from pathlib import Path
from tests.faults.test_calls import Desk
class Server: url = sys.argv[2]
def judging():
    print("judging", flush=True)
    time.sleep(60)
buyer = Desk(Path(sys.argv[1]), Server)
buyer.judging = judging
buyer.buy()
"""


@pytest.mark.parametrize("fault", ["", "html-200"])
def test_an_answer_that_came_before_a_kill_is_judged_later_and_not_paid_again(
    fault: str, tmp_path: Path, provide: Callable[..., Provider], services: Callable[..., Desk]
) -> None:
    """Aligning a minute of speech takes seconds: whoever is killed meanwhile would pay for it twice."""
    provider = provide(faults=scripted(fault))
    process = start_program(JUDGED_FOR_EVER, str(tmp_path), provider.url)
    assert process.stdout is not None
    assert process.stdout.readline() == "judging\n"
    process.kill()
    process.wait()
    process.stdout.close()
    buyer = services(provider)
    assert buyer.outcomes() == ["open"]
    assert buyer.buy().startswith(b"RIFF")
    assert buyer.outcomes() == (["unusable", "done"] if fault else ["done"])
    assert provider.ledger.billed == len(buyer.outcomes())
    assert list((tmp_path / "calls" / "arrived").iterdir()) == []


def test_a_job_is_asked_for_after_a_crash_and_not_paid_again(
    tmp_path: Path, provide: Callable[..., Provider], described: Callable[..., ConfiguredProviders]
) -> None:
    """A text that the provider was writing when the machine went down would be bought a second time."""
    from video_assets.studio.writing.provider import Brief, OutlineText, outline_request

    provider = provide(job_seconds=1.5)
    request = outline_request(Brief(notes="how bread rises"))

    def call_context() -> CallContext:
        return CallContext(CallServices(tmp_path / "calls"), LocalSlots({}), LocalStore(tmp_path / "store"))

    first = call_context()
    writer = described(provider, api="responses", background="true").writers()["trial"]
    threading.Timer(0.6, first.services.stopped.set).start()
    with pytest.raises(ProviderError):
        writer.write(request, OutlineText, first)
    text = writer.write(request, OutlineText, call_context())
    assert text.sections
    assert provider.ledger.billed == 1
    assert len(provider.ledger.of("responses")) == 1


@pytest.mark.parametrize("fault", ["503", "429", "500", "reset", "hang", "html-200"])
def test_a_job_is_not_given_again_as_its_provider_is_too_busy_to_say(
    fault: str, tmp_path: Path, provide: Callable[..., Provider], described: Callable[..., ConfiguredProviders]
) -> None:
    """One 503 on a look at a text that is being written would have it written, and billed, a second time."""
    from video_assets.studio.writing.provider import Brief, OutlineText, outline_request

    provider = provide(job_seconds=0.5, look_faults=scripted(fault, fault), retry_after_seconds=0.2)
    writer = described(provider, api="responses", background="true", timeout_seconds=3).writers()["trial"]
    services = CallServices(tmp_path / "calls")
    call_context = CallContext(services, LocalSlots({}), LocalStore(tmp_path / "store"))
    assert writer.write(outline_request(Brief(notes="how bread rises")), OutlineText, call_context).sections
    assert len(provider.ledger.of("responses")) == 1
    assert [each.outcome for each in services.ledger.purchases()] == ["done"]


def test_a_limit_of_costs_holds_for_all_who_buy_at_once(
    provide: Callable[..., Provider], services: Callable[..., Desk]
) -> None:
    """Eight calls in flight would each see money that the others were about to spend."""
    provider = provide(latency={"speech": 0.3})
    buyer = services(provider)
    buyer.calls.budget = Budget("run", Decimal(100))
    with ThreadPoolExecutor(8) as pool:
        tries = [pool.submit(buyer.buy, f"{number:30d}") for number in range(8)]
        errors = [each.exception() for each in tries]
    assert sum(error is None for error in errors) == 3, "three times thirty characters fit into a hundred"
    assert all(isinstance(error, BudgetExceeded) for error in errors if error is not None)
    assert buyer.calls.ledger.committed_cost("run") == 90


def test_a_model_without_a_price_is_not_asked_under_a_limit(
    provide: Callable[..., Provider], services: Callable[..., Desk]
) -> None:
    """A limit that a new model's missing price makes blind would be worse than none."""
    provider = provide()
    buyer = services(provider)
    buyer.calls.prices = Prices()
    buyer.calls.budget = Budget("run", Decimal(100))
    with pytest.raises(BudgetExceeded, match="price"):
        buyer.buy()
    assert provider.ledger.entries == ()


def test_no_thread_or_descriptor_is_left_by_answers_that_never_end(
    provide: Callable[..., Provider], services: Callable[..., Desk]
) -> None:
    """A night of hanging answers would end with no descriptors left, and every later lesson failing."""
    hanging = ("hang", "drip-headers", "drip-body", "stall-at-99")
    buyer_of_the_first = services(provide(), timeout_seconds=1)
    buyer_of_the_first.buy("warm")
    provider = provide(faults=scripted(*hanging * 2))
    buyer = services(provider, tries=1, timeout_seconds=1)
    before = _descriptors()
    for number in range(8):
        with pytest.raises(OutcomeUnknown):
            buyer.buy(f"text {number}")
    buyer.client.close()
    buyer_of_the_first.client.close()
    deadline = time.monotonic() + 60
    while _descriptors() > before + 4 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _descriptors() <= before + 4


def _descriptors() -> int:
    """Of this process; 0 where the system does not tell."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir()) if Path("/proc/self/fd").exists() else 0


def test_a_wait_ends_when_nobody_waits_any_more(
    provide: Callable[..., Provider], services: Callable[..., Desk]
) -> None:
    """Ctrl-C would be answered after the provider's Retry-After of ten minutes."""
    provider = provide(faults=scripted("429"), retry_after_seconds=600)
    buyer = services(provider, patience_seconds=900)
    threading.Timer(0.5, buyer.calls.stopped.set).start()
    with pytest.raises(Rejected, match="got no further request"):
        buyer.buy()  # else it would last ten minutes, and the test with it


def test_a_planted_secret_is_nowhere_but_in_its_request(
    tmp_path: Path,
    provide: Callable[..., Provider],
    services: Callable[..., Desk],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A key in a journal, a log or a message would be read by everybody who may see the archive."""
    secret = "sk-planted-0123456789abcdef"
    monkeypatch.setenv("TRIAL_KEY", secret)
    provider = provide(keys={secret}, faults=scripted("", "secret-in-error", "429", "html-200", "500"))
    buyer = services(provider, accounts=(AccountConfig(key_variable="TRIAL_KEY"),))
    messages = []
    with caplog.at_level("DEBUG"):
        for number in range(3):
            try:
                buyer.buy(f"text {number}")
            except ProviderError as error:
                messages += [str(error), repr(error.__cause__)]
    assert provider.ledger.entries[0].status == 200, "the key is used"
    spellings = {secret, urllib.parse.quote(secret), base64.b64encode(secret.encode()).decode(), "topsecretsignature"}
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    told = "\n".join([*messages, *buyer.told]).encode()
    for spelling in spellings:
        assert not any(spelling.encode() in data for data in [*written, told])
        assert not any(
            spelling in record.getMessage() for record in caplog.records if record.name != "httpcore2.http11"
        )


def test_a_third_of_faults_loses_nothing_and_wastes_nothing(
    provide: Callable[..., Provider], services: Callable[..., Desk]
) -> None:
    """At a provider that fails a third of the time, two of three lessons would fail, or be paid several times."""
    passing = [name for name in KINDS if name and not FAULTS[name].slow]
    provider = provide(faults=at_random(0.3, seed=7, only=passing), retry_after_seconds=0.1)
    buyer = services(provider, patience_seconds=60, tries=12)
    with ThreadPoolExecutor(6) as pool:
        sounds = list(pool.map(buyer.buy, [f"This is sentence number {number}." for number in range(40)]))
    assert all(sound.startswith(b"RIFF") for sound in sounds)
    assert provider.ledger.wasted == 0
    assert sum(entry.delivered for entry in provider.ledger.entries) == 40
