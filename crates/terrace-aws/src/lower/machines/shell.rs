//! Shell text that writes files: whatever is in them arrives as it is.

/// Fills `@NAME@` in a text of ours.
pub(super) fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = text.to_owned();
    for (name, value) in values {
        filled = filled.replace(&format!("@{name}@"), value);
    }
    filled
}

/// Commands that write a file.
pub(super) fn file(path: &str, mode: &str, content: &str) -> String {
    let end = delimiter(content);
    format!("cat > {path} <<'{end}'\n{}\n{end}\nchmod {mode} {path}\n", content.trim_end_matches('\n'))
}

/// A word that no line of the content is.
fn delimiter(content: &str) -> String {
    let mut word = "END".to_owned();
    while content.lines().any(|line| line == word) {
        word.push('_');
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_hold_what_would_end_it() {
        insta::assert_snapshot!(file("/etc/x", "0644", "END\n$HOME `x`\n"), @r"
        cat > /etc/x <<'END_'
        END
        $HOME `x`
        END_
        chmod 0644 /etc/x
        ");
    }
}
