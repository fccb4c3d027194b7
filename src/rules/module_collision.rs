//! `module-collision`: `import` finds the first module of a name, which would be another one.

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};

/// What every pipeline imports beside the standard library.
const RUNTIME: [&str; 9] = ["dlt", "dltflow", "mlflow", "numpy", "pandas", "py4j", "pyarrow", "pyspark", "yaml"];

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for file in subject.workflow.items.iter().map(|item| &item.python_file) {
        let module = subject.codebase.module(&file.value);
        let name = module.top_level();
        let Some(owner) = owner_of_module(name) else { continue };
        let message = format!("the module `{}` begins with `{name}`, a module of {owner}", module.name);
        found.push(subject.finding(Rule::ModuleCollision, file.span, message).help("rename the folder or file"));
    }
}

/// Whose module `name` is, if it is none that a project can have.
pub fn owner_of_module(name: &str) -> Option<&'static str> {
    if RUNTIME.contains(&name) {
        Some("the runtime")
    } else if STANDARD.contains(&name) {
        Some("Python's standard library")
    } else {
        None
    }
}

/// The modules of the standard library of Python 3.10 to 3.12 (`sys.stdlib_module_names`).
#[rustfmt::skip]
const STANDARD: &[&str] = &[
    "abc", "aifc", "argparse", "array", "ast", "asynchat", "asyncio", "asyncore", "atexit", "audioop", "base64",
    "bdb", "binascii", "bisect", "builtins", "bz2", "cProfile", "calendar", "cgi", "cgitb", "chunk", "cmath", "cmd",
    "code", "codecs", "codeop", "collections", "colorsys", "compileall", "concurrent", "configparser", "contextlib",
    "contextvars", "copy", "copyreg", "crypt", "csv", "ctypes", "curses", "dataclasses", "datetime", "dbm",
    "decimal", "difflib", "dis", "distutils", "doctest", "email", "encodings", "ensurepip", "enum", "errno",
    "faulthandler", "fcntl", "filecmp", "fileinput", "fnmatch", "fractions", "ftplib", "functools", "gc",
    "genericpath", "getopt", "getpass", "gettext", "glob", "graphlib", "grp", "gzip", "hashlib", "heapq", "hmac",
    "html", "http", "idlelib", "imaplib", "imghdr", "imp", "importlib", "inspect", "io", "ipaddress", "itertools",
    "json", "keyword", "lib2to3", "linecache", "locale", "logging", "lzma", "mailbox", "mailcap", "marshal", "math",
    "mimetypes", "mmap", "modulefinder", "msilib", "multiprocessing", "netrc", "nis", "nntplib", "ntpath",
    "nturl2path", "numbers", "opcode", "operator", "optparse", "os", "pathlib", "pdb", "pickle", "pickletools",
    "pipes", "pkgutil", "platform", "plistlib", "poplib", "posix", "posixpath", "pprint", "profile", "pstats",
    "pty", "pwd", "py_compile", "pyclbr", "pydoc", "pydoc_data", "pyexpat", "queue", "quopri", "random", "re",
    "readline", "reprlib", "resource", "rlcompleter", "runpy", "sched", "secrets", "select", "selectors", "shelve",
    "shlex", "shutil", "signal", "site", "smtpd", "smtplib", "sndhdr", "socket", "socketserver", "spwd", "sqlite3",
    "sre_compile", "sre_constants", "sre_parse", "ssl", "stat", "statistics", "string", "stringprep", "struct",
    "subprocess", "sunau", "symtable", "sys", "sysconfig", "syslog", "tabnanny", "tarfile", "telnetlib", "tempfile",
    "termios", "textwrap", "threading", "time", "timeit", "tkinter", "token", "tokenize", "tomllib", "trace",
    "traceback", "tracemalloc", "tty", "turtle", "turtledemo", "types", "typing", "unicodedata", "unittest",
    "urllib", "uu", "uuid", "venv", "warnings", "wave", "weakref", "webbrowser", "wsgiref", "xdrlib", "xml",
    "xmlrpc", "zipapp", "zipfile", "zipimport", "zlib", "zoneinfo",
];

#[cfg(test)]
mod tests {
    #[test]
    fn the_standard_library_is_listed_in_order() {
        assert!(super::STANDARD.is_sorted());
    }
}
