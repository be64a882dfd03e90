"""What may come next on a command line: commands, verbs, options, fields.

The shell asks at every press of Tab, so this reads nouns.json and the tables below and imports
nothing else; a test holds the tables to the options that the commands declare.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cerebro_cli import facts, lazy

GLOBAL = ("--profile", "--url", "--debug", "--version", "--help")
_FORMATS = ("--columns", "--json", "--jsonl", "--csv", "--ids")
_PLAIN = ("--json", "--jsonl", "--csv", "--ids")
VERBS: Mapping[str, tuple[str, ...]] = {
    "list": (
        *("--where", "--sort", "--limit", "--all", "--deleted", "--as-of", "--count"),
        *_FORMATS,
    ),
    "get": ("--deleted", "--as-of", *_FORMATS),
    "create": ("--allow-duplicates", "--allow-invalid", "--dry-run", *_FORMATS),
    "update": (
        *("--where", "--all-or-nothing", "--if-version", "--allow-invalid", "--dry-run", "--yes"),
        *_FORMATS,
    ),
    "delete": ("--where", "--all-or-nothing", "--if-version", "--dry-run", "--yes", *_PLAIN),
    "restore": ("--dry-run", "--yes", *_PLAIN),
    "destroy": ("--dry-run", "--yes", *_PLAIN),
    "lock": ("--dry-run", "--yes", *_PLAIN),
    "unlock": ("--dry-run", "--yes", *_PLAIN),
    "import": (
        *("--preset", "--map", "--mapping", "--save-mapping", "--suggest", "--key", "--mode"),
        *("--missing-parent", "--lists", "--deletes", "--silent", "--strict", "--all-or-nothing"),
        "--errors",
        *("--format", "--sheet", "--encoding", "--delimiter", "--dry-run", "--yes", "--json"),
    ),
    "export": ("--where", "--sort", "--format", "--columns", "--output", "--since", "--gone"),
    "merge": ("--into", "--take", "--dry-run", "--yes", "--json"),
    "split": ("--dry-run", "--yes", "--json"),
    facts.DUPLICATES: (),
    "timeline": ("--actions", "--related", "--limit", "--all", *_FORMATS[:-1]),
    "diff": ("--since", "--until", *_FORMATS[:-1]),
}
_BY_FILTER = {
    "update": ("--where", "--all-or-nothing", "--yes"),
    "delete": ("--where", "--all-or-nothing"),
}
"""What goes with a filter, of nouns that can be changed by one."""
_ACT = ("--dry-run", "--yes", *_PLAIN)
_FORECAST = ("--where", "--by", "--as-of", "--compare", "--chart", "--json", "--csv")
_TOLD = ("--dry-run", "--yes", "--json", "--ids")
DUPLICATES: Mapping[str, tuple[str, ...]] = {
    "scan": ("--json",),
    "list": (
        *("--state", "--min-score", "--max-score", "--sample", "--limit", "--all"),
        *_FORMATS,
    ),
    **dict.fromkeys(("show", "dismiss", "reopen"), ("--json",)),
    "merge": ("--above", "--dry-run", "--yes", "--json"),
    "rules": ("--set", "--reset", "--json"),
}
"""Verbs below `duplicates`."""
OTHERS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "access": {"explain": ("--action", "--json"), "matrix": ("--json", "--csv")},
    "changes": {
        "list": (
            *("--record", "--record-type", "--actor", "--action", "--since", "--until"),
            *("--limit", "--all", *_FORMATS[:-1]),
        ),
        "follow": (
            *("--after", "--record", "--record-type", "--actor", "--action"),
            *("--jsonl", "--limit"),
        ),
    },
    "completion": {"bash": (), "zsh": (), "fish": ()},
    "db": {"upgrade": (), "current": ()},
    "deals": {
        "win": ("--stage", "--amount", "--closed-at", *_TOLD),
        "lose": ("--reason", "--note", "--stage", "--closed-at", *_TOLD),
        "reopen": ("--stage", *_TOLD),
        "move": ("--stage", "--pipeline", "--before", "--after", *_TOLD),
        "assign": ("--owner", "--team", *_TOLD),
        "stages": _FORMATS,
        "board": ("--where", "--most", "--json"),
    },
    "exports": {
        "list": ("--limit", "--all", *_FORMATS),
        "start": ("--nouns", "--format", "--where", "--since", "--json"),
        "show": ("--json",),
        "link": ("--file", "--hours", "--json"),
        "delete": ("--yes", "--json"),
    },
    "lead_forms": {"snippet": ("--json",)},
    "opportunities": {
        "forecast": ("--where", "--by", "--as-of", "--chart", "--json", "--csv"),
    },
    "leads": {
        "convert": (
            *(f"--into-{one}" for one in ("contact", "company", "deal")),
            *(f"--{one}" for one in ("contact", "company", "deal")),
            *(f"--no-{one}" for one in ("contact", "company", "deal")),
            *("--owner", "--status", "--overwrite-source", "--allow-duplicates"),
            *("--dry-run", "--json"),
        ),
        "convert-many": (
            "--where",
            *(f"--{one}" for one in ("contact", "company", "deal")),
            *(f"--no-{one}" for one in ("contact", "company", "deal")),
            *("--duplicates", "--owner", "--status", "--dry-run", "--yes", "--json"),
        ),
        "assign": ("--where", "--rule", "--dry-run", "--yes", "--json"),
        "mapping": ("--json",),
        "set-mapping": ("--json",),
    },
    "quotes": {
        "send": ("--dry-run", "--json"),
        "revise": ("--dry-run", "--json", "--ids"),
        "accept": ("--name", "--email", *_TOLD),
        "decline": ("--name", "--email", "--reason", *_TOLD),
        "pdf": ("--output",),
    },
    "files": {
        "add": (
            *(f"--{one}" for one in ("contact", "company", "deal", "lead", "quote")),
            *("--description", "--name", "--type", "--json", "--ids"),
        ),
        "download": ("--output", "--deleted"),
        "link": ("--hours", "--json"),
    },
    "fields": {
        "list": tuple(option for option in VERBS["list"] if option != "--as-of"),
        "update": ("--dry-run", "--json"),
        "add": (
            *("--type", "--label", "--description", "--options", "--required", "--default"),
            *("--indexed", "--unique", "--dry-run", "--json"),
        ),
        "activate": (),
        "deactivate": (),
        "remove": ("--dry-run", "--yes"),
    },
    "jobs": {
        "list": ("--state", "--kind", "--limit", "--all", *_FORMATS),
        **dict.fromkeys(("show", "retry", "cancel", "stats"), ("--json",)),
    },
    "keys": {"create": ("--dry-run", "--json"), "revoke": _ACT},
    "mappings": {
        "list": _FORMATS[:-1],
        "show": ("--json",),
        "delete": ("--yes",),
    },
    "operations": {
        "list": ("--state", "--kind", "--record", "--limit", "--all", *_FORMATS),
        "show": ("--rows", "--json", "--jsonl"),
        "errors": ("--json", "--jsonl"),
        "apply": ("--on-drift", "--yes", "--json"),
        "undo": ("--where", "--force-fields", "--dry-run", "--yes", "--json"),
        "redo": ("--dry-run", "--yes", "--json"),
        **dict.fromkeys(("follow", "cancel", "resume"), ("--json",)),
    },
    "password": {
        "change": ("--password-stdin",),
        "reset": (),
        "redeem": ("--password-stdin",),
    },
    "reports": {
        "pipeline": ("--where", "--as-of", "--chart", "--json", "--csv"),
        "forecast": _FORECAST,
        "time-in-stage": ("--where", "--as-of", "--chart", "--json", "--csv"),
        "funnel": ("--where", "--as-of", "--chart", "--json", "--csv"),
        "velocity": ("--where", "--as-of", "--chart", "--json", "--csv"),
        "slipped": ("--by", "--where", "--as-of", "--chart", "--json", "--csv"),
        "win-rate": ("--by", "--where", "--as-of", "--chart", "--json", "--csv"),
        "cycle": ("--by", "--where", "--as-of", "--chart", "--json", "--csv"),
        "reasons": ("--by", "--where", "--as-of", "--chart", "--json", "--csv"),
        "cohort": ("--where", "--by", "--as-of", "--chart", "--json", "--csv"),
        "quota": ("--where", "--quotas", "--on", "--as-of", "--chart", "--json", "--csv"),
    },
    "sessions": {"end": _ACT},
    "tasks": {
        "complete": ("--completed-at", *_TOLD),
        "reopen": ("--status", *_TOLD),
    },
    "teams": {"tree": ("--json",)},
    "territories": {"tree": ("--json",)},
    "users": {
        "invite": ("--dry-run", "--yes", "--json"),
        "disable": _ACT,
        "enable": _ACT,
        "set-password": ("--workspace", "--password-stdin"),
    },
    "workspaces": {"list": (), "create": (), "remove": ()},
}
"""Verbs that one command alone has."""
ALONE: Mapping[str, tuple[str, ...]] = {
    "diff": ("--since", "--until", *_FORMATS[:-1]),
    "export": (
        *("--nouns", "--format", "--where", "--since", "--no-attachments", "--yes", "--json"),
    ),
    "import": (
        *(
            "--mapping",
            "--preset",
            "--guess",
            "--key",
            "--missing-parent",
            "--keep-dates",
            "--silent",
        ),
        *("--strict", "--all-or-nothing", "--errors", "--dry-run", "--yes", "--json"),
    ),
    "forecast": _FORECAST,
    "login": ("--email", "--workspace", "--password-stdin", "--api-key-stdin"),
    "logout": ("--yes",),
    "search": ("--in", "--limit", "--json", "--jsonl", "--ids"),
    "undo": ("--where", "--force-fields", "--dry-run", "--yes", "--json"),
    "whoami": ("--json",),
}
"""Commands without verbs."""
SHELLS = ("bash", "zsh", "fish")


def candidates(words: Sequence[str]) -> list[str]:
    """Return what may stand for the last word, given those before it (without `cerebro`)."""
    before, last = (list(words[:-1]), words[-1]) if words else ([], "")
    before = _without_globals(before)
    found = _after(before, last)
    return [word for word in found if word.startswith(last)]


def _without_globals(words: list[str]) -> list[str]:
    while words and words[0] in GLOBAL:
        words = words[2 if words[0] in ("--profile", "--url") else 1 :]
    return words


def verbs(name: str) -> Mapping[str, tuple[str, ...]]:
    """Return the verbs of a command with their options."""
    noun = facts.nouns().get(name)
    shared = {verb: _options(noun, verb) for verb in noun.commands} if noun else {}
    return {**shared, **OTHERS.get(name, {})}


def _options(noun: facts.Noun, verb: str) -> tuple[str, ...]:
    without = () if noun.is_bulk else _BY_FILTER.get(verb, ())
    return tuple(option for option in VERBS[verb] if option not in without)


def _after(before: list[str], last: str) -> list[str]:
    if not before:
        return list(GLOBAL) if last.startswith("-") else list(lazy.every())
    name, *rest = before
    if name in ALONE:
        return [*ALONE[name], "--help"] if last.startswith("-") else []
    known = verbs(name)
    if not rest:
        return ["--help"] if last.startswith("-") else list(known)
    return _inside(facts.nouns().get(name), known, rest, last) if rest[0] in known else []


def _inside(
    noun: facts.Noun | None, verbs: Mapping[str, tuple[str, ...]], rest: list[str], last: str
) -> list[str]:
    """Return what may follow a command and one of its verbs."""
    if rest[0] == facts.DUPLICATES:
        _, *below = rest
        if not below:
            return ["--help"] if last.startswith("-") else list(DUPLICATES)
        return [*DUPLICATES.get(below[0], ()), "--help"] if last.startswith("-") else []
    if noun and rest[-1] in verbs[rest[0]] and rest[-1] in _VALUES:
        return _VALUES[rest[-1]](noun, last)
    if last.startswith("-"):
        return [*verbs[rest[0]], "--help"]
    if noun and (rest[0] == "create" or (rest[0] in ("update", "merge") and len(rest) > 1)):
        return [f"{field.name}=" for field in noun.writable]
    return []


def _columns(noun: facts.Noun, last: str) -> list[str]:
    head, comma, _ = last.rpartition(",")
    return [f"{head}{comma}{name}" for name in noun.fields]


def _sorts(noun: facts.Noun, last: str) -> list[str]:
    head, comma, _ = last.rpartition(",")
    names = [field.name for field in noun.fields.values() if field.kind != "map"]
    return [f"{head}{comma}{sign}{name}" for sign in ("", "-") for name in names]


def _filters(noun: facts.Noun, last: str) -> list[str]:
    return [field.name for field in noun.fields.values() if field.kind != "map"]


_VALUES: Mapping[str, Callable[[facts.Noun, str], list[str]]] = {
    "--columns": _columns,
    "--sort": _sorts,
    "--where": _filters,
    "--take": lambda noun, last: [f"{field.name}=" for field in noun.writable],
    "--format": lambda noun, last: ["csv", "jsonl", "xlsx", "vcard"],
    "--lists": lambda noun, last: ["replace", "append"],
}


def script(shell: str) -> str:
    """Return the script that makes a shell ask `cerebro --complete`."""
    return _SCRIPTS[shell]


_SCRIPTS = {
    "bash": """\
# cerebro completion for bash; load it with: source <(cerebro completion bash)
_cerebro() {
  local words line current
  words="${COMP_LINE:0:COMP_POINT}"
  read -ra line <<< "$words"
  [[ "$words" == *" " ]] && line+=("")
  current="${line[-1]}"
  local IFS=$'\\n'
  COMPREPLY=($(cerebro --complete "${line[@]:1}" 2>/dev/null))
  # bash completes the part after the last = or : by itself
  if [[ "$current" == *=* && "$COMP_WORDBREAKS" == *=* ]]; then
    COMPREPLY=("${COMPREPLY[@]#"${current%=*}="}")
  fi
  [[ ${#COMPREPLY[@]} -eq 1 && "${COMPREPLY[0]}" == *= ]] && compopt -o nospace
  return 0
}
complete -o default -F _cerebro cerebro
""",
    "zsh": """\
#compdef cerebro
# cerebro completion for zsh; load it with: source <(cerebro completion zsh)
_cerebro() {
  local -a found fields
  found=("${(@f)$(cerebro --complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  fields=("${(@M)found:#*=}")
  found=("${(@)found:#*=}")
  (( ${#found:#} )) && compadd -- "${(@)found:#}"
  (( ${#fields} )) && compadd -S '' -- "${fields[@]}"
  (( ${#found:#} + ${#fields} )) || _files
}
(( $+functions[compdef] )) && compdef _cerebro cerebro
""",
    "fish": """\
# cerebro completion for fish; load it with: cerebro completion fish | source
function __cerebro_complete
  set -l words (commandline -opc) (commandline -ct)
  cerebro --complete $words[2..-1] 2>/dev/null
end
complete -c cerebro -f -a '(__cerebro_complete)'
complete -c cerebro -n '__fish_seen_subcommand_from import export' -F
complete -c cerebro -n '__fish_prev_arg_in -o --output --gone' -F
""",
}
