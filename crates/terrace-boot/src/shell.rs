//! Command lines for a POSIX shell, without a shell in between where there need not be one.

/// Words that a shell understands itself: reserved ones (POSIX.1-2024, Shell Command Language, 2.4) and built-in ones.
const ITS_OWN: [&str; 56] = [
    "!", ".", ":", "[", "{", "}", "alias", "bg", "break", "case", "cd", "command", "continue", "do", "done",
    "echo", "elif", "else", "esac", "eval", "exec", "exit", "export", "false", "fc", "fg", "fi", "for",
    "getopts", "hash", "if", "in", "jobs", "kill", "local", "printf", "pwd", "read", "readonly", "return",
    "set", "shift", "test", "then", "time", "times", "trap", "true", "type", "ulimit", "umask", "unalias",
    "unset", "until", "wait", "while",
];

/// The line such that the shell turns into the program where the line is one program: signals reach that program, and
/// its number is the one that people see. Not every shell does that by itself.
pub fn replacing(line: &str) -> String {
    let program = line.split_whitespace().next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./+-".contains(c);
    let one = !line.contains([';', '&', '|', '\n', '#']);
    if one && !program.is_empty() && program.chars().all(plain) && !ITS_OWN.contains(&program) {
        format!("exec {}", line.trim_start())
    } else {
        line.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_program_replaces_the_shell() {
        for line in ["target/release/api", "uvicorn main:app --port $PORT", " node \"a b.js\" > out.txt"] {
            assert_eq!(replacing(line), format!("exec {}", line.trim_start()));
        }
    }

    #[test]
    fn what_needs_the_shell_keeps_it() {
        for line in [
            "a && b", "a; b", "a | b", "A=1 b", "cd a", "(a)", "{ a; }", "! a", "$A", "\"a\"", "a 2>&1", "",
            "a\nb",
        ] {
            assert_eq!(replacing(line), line);
        }
    }
}
