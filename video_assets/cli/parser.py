"""The command line: the arguments of each command."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from .commands import (
    run_approve,
    run_check,
    run_costs,
    run_explain,
    run_init,
    run_lipsync,
    run_new,
    run_presenters,
    run_render,
    run_stats,
    run_store_gc,
    run_store_status,
    run_store_verify,
    run_themes,
    run_voices,
)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments` name; returns its exit code."""
    options = argument_parser().parse_args(arguments)
    # `--help` needs none of these.
    from .defect_log import configure_defect_log
    from .outcome import exit_code_of

    configure_defect_log(verbose=options.verbose)
    return exit_code_of(options.run, options)


def argument_parser() -> argparse.ArgumentParser:
    """The parser of all commands. It imports no slow module, so that `--help` is quick."""
    parser = argparse.ArgumentParser(
        prog="lessonreel", description="Lesson files in, narrated, captioned, lip-synced teaching videos out."
    )
    parser.add_argument("--verbose", action="store_true", help="show the traceback of an internal error")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_render(commands)
    _add_explain(commands)
    _add_check(commands)
    _add_init(commands)
    _add_new(commands)
    _add_lists(commands)
    _add_costs(commands)
    _add_lipsync(commands)
    _add_store(commands)
    _add_stats(commands)
    return parser


def _add_render(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    render = commands.add_parser("render", help="make the film of each lesson", description=_RENDER)
    render.add_argument("files", nargs="+", metavar="FILE", type=Path, help="a lesson, or a folder of lessons")
    render.add_argument("--output", type=Path, metavar="FOLDER", help="also copy each bundle to FOLDER/<lesson>/")
    render.add_argument("--profile", default="", help="standard, enhanced, ultra_fast or draft")
    render.add_argument(
        "--set",
        action="append",
        default=[],
        dest="assignments",
        metavar="KEY=VALUE",
        help="any setting, repeatable",
    )
    _add_reset(render)
    render.add_argument("--sequential", action="store_true", help="one thing at a time, for weak machines")
    render.add_argument(
        "--at-once", type=_count, default=1, metavar="N", help="make so many lessons at a time (default: 1)"
    )
    render.add_argument("--report", type=Path, metavar="FILE", help="write a summary as JSON to FILE")
    render.add_argument("--max-cost", default="", metavar="AMOUNT", help="stop before paid calls cost more, e.g. 2.50")
    render.add_argument("--estimate", action="store_true", help="only say what would be bought, and what it costs")
    which = render.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_const", const="all", dest="which", help="every lesson named (default)")
    which.add_argument(
        "--changed", action="store_const", const="changed", dest="which", help="only where something is to be made"
    )
    which.add_argument(
        "--failed", action="store_const", const="failed", dest="which", help="only what failed last time"
    )
    look = render.add_mutually_exclusive_group()
    look.add_argument("--section", default="", metavar="ID", help="only this section, to look at")
    look.add_argument("--draft", action="store_true", help="the whole film, small and quick, beside the real one")
    look.add_argument("--storyboard", action="store_true", help="pictures and times, no film")
    render.set_defaults(run=run_render)


def _add_reset(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--reset",
        action="append",
        nargs="?",
        const="all",
        default=[],
        metavar="KEY",
        help="forget what was chosen before with --set or --profile: this setting, or all; repeatable",
    )


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


_RENDER = (
    "Make the film of each lesson through Dagster. What did not change since the last time is reused, section by "
    "section. Each film and its files are written to data/videos/<lesson>/."
)


def _add_explain(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    explain = commands.add_parser(
        "explain", help="say what a render would make, and why, without making it", description=_EXPLAIN
    )
    explain.add_argument("files", nargs="+", metavar="FILE", type=Path, help="a lesson, or a folder of lessons")
    explain.add_argument("--profile", default="", help="standard, enhanced, ultra_fast or draft")
    explain.add_argument(
        "--set",
        action="append",
        default=[],
        dest="assignments",
        metavar="KEY=VALUE",
        help="any setting, repeatable",
    )
    _add_reset(explain)
    explain.add_argument("--json", action="store_true", help="for programs")
    look = explain.add_mutually_exclusive_group()
    look.add_argument("--section", default="", metavar="ID", help="as if only this section were rendered")
    look.add_argument("--draft", action="store_true", help="as if a draft were rendered")
    explain.set_defaults(run=run_explain)


_EXPLAIN = (
    "Say for every sound, picture and clip of each lesson, and for its film, whether a render would make it or reuse "
    "it, and why. Nothing is made and nothing written; everything that would be reused is read and verified."
)


def _add_check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    check = commands.add_parser("check", help="list everything that is wrong with lessons, and how to correct it")
    check.add_argument("files", nargs="+", metavar="FILE", type=Path)
    check.add_argument("--format", choices=("text", "json"), default="text")
    check.set_defaults(run=run_check)


def _add_init(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    init = commands.add_parser("init", help="write a starter lesson that explains itself")
    init.add_argument("file", metavar="FILE", type=Path, help="e.g. data/lessons/my-lesson.json")
    init.add_argument("--title", default="", help="title of the lesson; by default made from the file's name")
    init.set_defaults(run=run_init)


def _add_new(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    new = commands.add_parser("new", help="have a lesson written about a topic, or from notes", description=_NEW)
    new.add_argument("about", metavar="TOPIC|NOTES.md", help="a topic in quotes, or a text file with notes")
    new.add_argument("-o", "--output", type=Path, metavar="FILE", help="by default in data/lessons")
    new.add_argument("--writing", default="", metavar="PROVIDER", help="the provider (default: the setting `writing`)")
    new.add_argument("--sections", type=_sections, default=6, metavar="N", help="how many sections (default: 6)")
    new.add_argument("--language", default="en", metavar="TAG", help="BCP 47 tag (default: en)")
    new.add_argument("--audience", default="", metavar="TEXT", help="for whom, e.g. 'nurses in their first year'")
    new.add_argument("--batch", type=int, choices=(3, 5, 10), default=5, help="sections written at a time (default: 5)")
    new.add_argument("--max-cost", default="", metavar="AMOUNT", help="stop before it costs more")
    new.set_defaults(run=run_new)
    approve = commands.add_parser("approve", help="let lessons with the setting `review` be spoken and filmed")
    approve.add_argument(
        "lessons", nargs="*", metavar="LESSON", help="the lesson's key: its file's name without .json; none: list them"
    )
    approve.set_defaults(run=run_approve)


def _sections(text: str) -> int:
    number = _count(text)
    if number > _MOST_SECTIONS:
        raise argparse.ArgumentTypeError(f"at most {_MOST_SECTIONS} can be written at a time")
    return number


_MOST_SECTIONS = 200
_NEW = (
    "Have a lesson written: an outline first, then its sections, several at a time, each knowing the outline and what "
    "is finished before it. The file is yours to read and change; nothing is spoken or painted yet."
)


def _add_costs(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    costs = commands.add_parser("costs", help="say what was spent on writing, voices and pictures")
    groups = ("lesson", "provider", "month", "account", "work")
    costs.add_argument("--by", choices=groups, default="lesson", help="default: lesson")
    costs.add_argument("--json", action="store_true", help="for programs")
    costs.set_defaults(run=run_costs)


def _add_lists(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    voices = commands.add_parser("voices", help="list the voices, or hear one")
    voices.add_argument("--language", default="", help="only voices of this language, e.g. de")
    voices.add_argument("--say", metavar="TEXT", help="write TEXT spoken to a file")
    voices.add_argument("--voice", default="", help="the voice that says it")
    voices.add_argument("--output", type=Path, metavar="FILE", help="where the sound goes (default: voice.wav)")
    voices.set_defaults(run=run_voices)
    presenters = commands.add_parser("presenters", help="list the presenters")
    presenters.set_defaults(run=run_presenters)
    themes = commands.add_parser("themes", help="list the slides' themes")
    themes.set_defaults(run=run_themes)


def _add_lipsync(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    lipsync = commands.add_parser("lipsync", help="make a face speak a sound, without a lesson", description=_LIPSYNC)
    lipsync.add_argument("sound", metavar="SOUND", type=Path, help="WAV, FLAC, MP3, Ogg or AAC")
    lipsync.add_argument("face", metavar="FACE", type=Path, help="a photo, a short video, or a presenter's folder")
    lipsync.add_argument("-o", "--output", metavar="FILE", type=Path, required=True, help="the MP4 to write")
    lipsync.add_argument("--box", default="", metavar="L,T,R,B", help="where the face is, in pixels of the picture")
    lipsync.add_argument("--engine", default="wav2lip", help="the lip-sync engine (default: wav2lip)")
    lipsync.add_argument("--checkpoint", default="", metavar="FILE", help="the weights, in data/weights")
    lipsync.add_argument("--profile", default="", help="standard, enhanced, ultra_fast or draft")
    lipsync.add_argument("--no-mark", action="store_true", help="leave out the sign that the picture is synthetic")
    lipsync.set_defaults(run=run_lipsync)


_LIPSYNC = (
    "Make a video of FACE saying SOUND, in the picture's own proportions. Lips are made by the engine, on a GPU where "
    "there is one. docs/lip-sync.md says which weights it needs and what their licence allows."
)


def _add_store(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    store = commands.add_parser("store", help="look after what was made: what is there, is it whole, what may go")
    actions = store.add_subparsers(title="actions", required=True, metavar="ACTION")
    status = actions.add_parser("status", help="what is there, what current lessons need, what may go")
    verify = actions.add_parser("verify", help="read everything and quarantine corrupt objects; 1 if there are any")
    collect = actions.add_parser(
        "gc",
        help="remove what no current lesson needs, as far as the limits ask",
        description="Remove what no current lesson needs, as far as the limits of [store] in data/project.toml (or "
        "those given here) ask for it, and what killed processes left. Safe while lessons are made.",
    )
    for action, run in ((status, run_store_status), (verify, run_store_verify), (collect, run_store_gc)):
        action.add_argument("--json", action="store_true", help="for programs")
        action.set_defaults(run=run)
    collect.add_argument("--max-size", default="", metavar="SIZE", help="e.g. 20GB")
    collect.add_argument("--max-age", default="", metavar="AGE", help="since it was used last, e.g. 30d")
    collect.add_argument("--dry-run", action="store_true", help="only say what would go")


def _add_stats(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    stats = commands.add_parser("stats", help="say what runs made, what it took, and what bounded them")
    which = stats.add_mutually_exclusive_group()
    which.add_argument(
        "--run", default="", dest="run_id", metavar="ID", help="one run, stage by stage; the id's beginning will do"
    )
    which.add_argument("--lesson", default="", metavar="KEY", help="every run of one lesson")
    stats.add_argument("--since", default="", metavar="TIME", help="only runs of the last 90m, 12h, 7d or 4w")
    stats.add_argument("--csv", type=Path, metavar="FILE", help="also write a row per run and stage to FILE")
    stats.add_argument("--parquet", type=Path, metavar="FILE", help="the same as Parquet, with types")
    stats.add_argument("--plot", type=Path, metavar="FILE", help="also draw the runs (PNG)")
    stats.add_argument("--json", action="store_true", dest="as_json", help="print everything as JSON, not a table")
    stats.set_defaults(run=run_stats)
