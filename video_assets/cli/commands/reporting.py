"""The classes of the commands and groups: Click's, with exit codes, exclusive options and the order of commands."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import click
from click.core import ParameterSource

_OPTION_LIKE = re.compile(r"--|--?[^\W\d]\S*")


class ReportingCommand(click.Command):
    """A command that returns its exit code, and reports its errors as messages (`outcome.py`).

    At most one option of each group in `exclusive` may be given. An option without its value is a usage error, also if
    another option follows: `--output --draft` does not name a folder.
    """

    def __init__(self, *args: Any, exclusive: Sequence[Sequence[str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.exclusive = exclusive

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """See click.Command. Raises UsageError for options that exclude each other."""
        if not ctx.resilient_parsing:
            self._require_values(ctx, args)
        rest = super().parse_args(ctx, args)
        for names in self.exclusive:
            given = [option.opts[-1] for option in self.params if option.name in names and _is_given(ctx, option)]
            if len(given) > 1:
                raise click.UsageError(f"{given[0]} and {given[1]} cannot be used together.", ctx)
        return rest

    def invoke(self, ctx: click.Context) -> int:
        """Run the command; returns its exit code."""
        # `--help` needs none of these.
        from video_assets.cli.defect_log import configure_defect_log
        from video_assets.cli.outcome import exit_code_of

        configure_defect_log(verbose=ctx.find_root().params["verbose"])
        return exit_code_of(partial(super().invoke, ctx))

    def _require_values(self, ctx: click.Context, args: Sequence[str]) -> None:
        """Raise BadOptionUsage if an option takes the place of another option's value."""
        with_value = {name for option in self.params if _needs_value(option) for name in option.opts}
        for name, value in pairwise(args):
            if name == "--":
                return
            if name in with_value and _OPTION_LIKE.fullmatch(value):
                raise click.BadOptionUsage(name, f"Option '{name}' requires an argument, not '{value}'.", ctx)


def _needs_value(option: click.Parameter) -> bool:
    """Whether the option has a value that cannot be left out. `--reset` has the text `all` as its `flag_value`."""
    return isinstance(option, click.Option) and not option.is_flag and not isinstance(option.flag_value, str)


def _is_given(ctx: click.Context, option: click.Parameter) -> bool:
    """Whether the command line has the option. An empty value counts as none."""
    return ctx.get_parameter_source(option.name) is ParameterSource.COMMANDLINE and bool(ctx.params.get(option.name))


class OrderedGroup(click.Group):
    """A group that lists its commands in the order in which they were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands."""
        return list(self.commands)


def command(
    name: str,
    summary: str,
    *,
    description: str = "",
    exclusive: Sequence[Sequence[str]] = (),
    takes_text: bool = False,
) -> Callable[[Callable[..., int]], ReportingCommand]:
    """Declare a command. The list of commands shows `summary`, the help of the command shows `description`.

    `exclusive` has groups of parameter names. At most one option of each group may be given. With `takes_text`, an
    argument may begin with a hyphen, such as `-40 °C`.
    """
    whole = description or f"{summary[0].upper()}{summary[1:]}."
    settings = {"ignore_unknown_options": takes_text}
    return click.command(
        name, cls=ReportingCommand, short_help=summary, help=whole, exclusive=exclusive, context_settings=settings
    )
