//! A command line as plain words, for an image that has no shell.
//!
//! The grammar is the shell's (POSIX.1-2024, XCU 2.2) in its plainest parts: words, quotes, and the two variables whose values
//! are known before anything runs. Everything else takes a shell.

use terrace_net::Port;

/// The words of a command line; none if only a shell could tell them.
pub(super) fn plain(line: &str, port: Port) -> Option<Vec<String>> {
    let (mut words, mut word, mut begun) = (Vec::new(), String::new(), false);
    let mut rest = line.trim();
    while let Some(first) = rest.chars().next() {
        let after = rest.get(first.len_utf8()..)?;
        rest = match first {
            ' ' | '\t' => {
                if std::mem::take(&mut begun) {
                    words.push(std::mem::take(&mut word));
                }
                after
            }
            '\'' => {
                let (inside, after) = after.split_once('\'')?;
                (begun, word) = (true, word + inside);
                after
            }
            '"' => {
                let (inside, after) = after.split_once('"')?;
                if inside.contains(['\\', '`']) {
                    return None;
                }
                begun = true;
                let mut inside = inside;
                while let Some((before, value)) = inside.split_once('$') {
                    let (value, left) = variable(value, port)?;
                    word = word + before + &value;
                    inside = left;
                }
                word += inside;
                after
            }
            '$' => {
                let (value, left) = variable(after, port)?;
                (begun, word) = (true, word + &value);
                left
            }
            one if one.is_alphanumeric() || "_-./:,=+@%^".contains(one) => {
                begun = true;
                word.push(one);
                after
            }
            _ => return None,
        };
    }
    if begun {
        words.push(word);
    }
    if words.first().is_some_and(|first| first == "exec") {
        words.remove(0);
    }
    // An assignment, or a word that is the shell's own.
    let first = words.first()?;
    let own = ["cd", "if", "for", "while", "case", "export", "set", "eval", "source", "."];
    (!first.contains('=') && !own.contains(&first.as_str())).then_some(words)
}

/// The value of a variable that is known, and what comes after its name.
fn variable(text: &str, port: Port) -> Option<(String, &str)> {
    let (name, left) = match text.strip_prefix('{') {
        Some(braced) => {
            let (name, left) = braced.split_once('}')?;
            // What stands in for it where it is not set: it is set.
            (name.split_once(":-").map_or(name, |(name, _)| name), left)
        }
        None => {
            let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
            text.split_at_checked(end)?
        }
    };
    let value = match name {
        "PORT" => port.to_string(),
        "HOST" => "0.0.0.0".to_owned(),
        _ => return None,
    };
    Some((value, left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_no_shell_is_words() {
        let port = Port::new(8000).unwrap();
        let cases = [
            ("target/release/items-api", Some("target/release/items-api")),
            ("./api --port $PORT --host ${HOST}", Some("./api|--port|8000|--host|0.0.0.0")),
            ("./api --at \"${HOST:-127.0.0.1}:$PORT\"", Some("./api|--at|0.0.0.0:8000")),
            ("exec ./api 'a b' \"\"", Some("./api|a b|")),
            ("npx prisma migrate deploy", Some("npx|prisma|migrate|deploy")),
            ("A=b ./api", None),
            ("cd x && ./api", None),
            ("cd x", None),
            ("./api | tee log", None),
            ("./api $OTHER", None),
            ("./api \"`date`\"", None),
            ("./api *.x", None),
            ("./api; ./other", None),
            ("./api 'open", None),
            ("./api\n./other", None),
            ("", None),
        ];
        for (line, expected) in cases {
            assert_eq!(plain(line, port).map(|words| words.join("|")).as_deref(), expected, "{line}");
        }
    }
}
