"""Every way the program can fail, with a stable code: what `microaudit explain CODE` reads.

The first two digits of a code are the exit status, so code and status cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass


class MicroauditError(Exception):
    """An error meant for the user: one line, a code of CATALOGUE, an exit status."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        if code not in CATALOGUE:
            raise KeyError(f"{code} is not in the error catalogue")
        self.code = code
        self.message = " ".join(message.split())

    @property
    def exit_status(self) -> int:
        return exit_status(self.code)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """What happened in a few words, why it does, and what mends it."""

    title: str
    cause: str
    cure: str


def exit_status(code: str) -> int:
    """The exit status that a code stands for: MA0203 -> 2."""
    return int(code[2:4])


CATALOGUE: dict[str, ErrorKind] = {
    "MA0101": ErrorKind(
        "internal error",
        "The program met a case its authors did not foresee. Nothing of the page at hand was stored.",
        "Run the command again with MICROAUDIT_DEBUG=1 and report the traceback with the command line.",
    ),
    "MA0201": ErrorKind(
        "unknown platform",
        "The name is not one of the platforms that this version reads.",
        "`microaudit platforms` lists the names. `microaudit import FILE --platform NAME` takes any name.",
    ),
    "MA0202": ErrorKind(
        "no such file or folder",
        "The path does not exist, or is not of the kind the command needs.",
        "Check the path. `crawl --from` takes a .warc, .warc.gz, .wacz or a folder of saved pages.",
    ),
    "MA0203": ErrorKind(
        "file cannot be read",
        "The file exists but is damaged, in another format, or not readable by this user.",
        "Check that it opens in another program; save it again as UTF-8 text, or fetch the archive again.",
    ),
    "MA0204": ErrorKind(
        "bad value",
        "An option, a setting or a cell has a value outside what is allowed.",
        "The message names the value and what is allowed there.",
    ),
    "MA0205": ErrorKind(
        "page without an address",
        "A saved page can only be evidence if its address is known.",
        "Add an index.csv (file,url,captured_at,content_type) to the folder, or save the page with a browser "
        "that writes the `saved from url` comment.",
    ),
    "MA0206": ErrorKind(
        "optional part missing",
        "The command needs a package that is installed only on demand.",
        "Install the extra that the message names, for example `pip install 'microaudit[parquet]'`.",
    ),
    "MA0207": ErrorKind(
        "contact address missing",
        "A live crawl tells every site who is asking. No address has been set.",
        "Set MICROAUDIT_CONTACT to an e-mail or web address at which you can be reached.",
    ),
    "MA0208": ErrorKind(
        "database cannot be opened",
        "The database URL is wrong, the server does not answer, or the file is not a microaudit store.",
        "Check --db or MICROAUDIT_DB. Without either, sqlite:///microaudit.db in the current folder is used.",
    ),
    "MA0209": ErrorKind(
        "address refused",
        "The address is on the loopback or a private network, or is not one of the platform's hosts.",
        "Name the host with --allow-host if it is yours.",
    ),
    "MA0210": ErrorKind(
        "bad usage",
        "The command, an argument or an option is not known.",
        "`microaudit --help` lists the commands, `microaudit COMMAND --help` the options.",
    ),
    "MA0301": ErrorKind(
        "empty",
        "The pages were read and their layout is known, but they list no task; or the store holds none.",
        "For a crawl: compare with the site in a browser. For a report: crawl or import first.",
    ),
    "MA0401": ErrorKind(
        "drift",
        "Pages came, but their layout is no longer the one the spider reads, or a required field is gone.",
        "Look at the page with `microaudit why`, mend the spider, then re-read the stored pages.",
    ),
    "MA0501": ErrorKind(
        "blocked",
        "The site answered with a challenge, a refusal or a log-in form. microaudit never works round a block.",
        "Ask the site for permission, or audit it from archives: `--from wayback`.",
    ),
    "MA0601": ErrorKind(
        "unreachable",
        "No answer came: the name does not resolve, the connection failed, or the server gave errors.",
        "Check the network and try again later; for a platform that is gone use `--from wayback`.",
    ),
    "MA0701": ErrorKind(
        "robots.txt forbids",
        "The site's robots.txt forbids the pages, or could not be read, which counts as forbidden (RFC 9309).",
        "Ask the site for permission, or audit it from archives or saved pages: `--from`.",
    ),
    "MA0702": ErrorKind(
        "no live crawl of this platform",
        "The platform's robots.txt or a log-in puts its task lists out of reach of a polite crawler.",
        "Use `--from wayback`, `--from commoncrawl`, a WARC file or a folder of saved pages.",
    ),
    "MA0801": ErrorKind(
        "partial",
        "Some of the input was read and some was not. What was read is stored.",
        "The lines above name what was skipped, and why.",
    ),
    "MA0901": ErrorKind(
        "lock held or overdue",
        "Another crawl of the same platform is running on this store, or a scheduled crawl did not run in time.",
        "Wait for the other crawl, or see `microaudit status`.",
    ),
    "MA1001": ErrorKind(
        "storage full or unwritable",
        "The disk is full, or the folder or the database may not be written. The page at hand was not stored.",
        "Free some space or choose another folder or --db, then run the same command with --resume.",
    ),
    "MA1101": ErrorKind(
        "verification failed",
        "A number of the report differs from what its bundle gives, or a file does not have its stated SHA-256.",
        "The lines above name what differs. Fetch the bundle again from its publisher.",
    ),
}
