//! Secrets by their look: keys and tokens whose issuers gave them a form of their own, and logins in addresses.
//!
//! GUARANTEE: what is said of a secret holds two of its characters at most.

/// Characters of one value that are looked at, so that nobody's text decides how long that takes.
pub(super) const LONGEST: usize = 512;

/// What a secret is, in words that do not give it away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen(pub(super) String);

impl Seen {
    /// A secret that is known by its form.
    fn known(what: &str, value: &str) -> Self {
        let start: String = value.chars().take(2).collect();
        Self(format!("{what} (`{start}…`, {} characters)", value.chars().count()))
    }

    /// A value that is secret by its name.
    pub(super) fn value(value: &str) -> Self {
        Self(format!("a value of {} characters", value.chars().count()))
    }
}

struct Form {
    what: &'static str,
    start: &'static str,
    /// How many more characters it has, at least.
    least: usize,
    /// Which characters those are.
    of: fn(char) -> bool,
}

const fn capital(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit()
}

const fn word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

const fn form(what: &'static str, start: &'static str, least: usize, of: fn(char) -> bool) -> Form {
    Form { what, start, least, of }
}

const FORMS: [Form; 19] = [
    form("an access key of AWS", "AKIA", 16, capital),
    form("a session's access key of AWS", "ASIA", 16, capital),
    form("a token of GitHub", "ghp_", 30, word),
    form("a token of GitHub", "gho_", 30, word),
    form("a token of GitHub", "ghs_", 30, word),
    form("a token of GitHub", "ghu_", 30, word),
    form("a token of GitHub", "github_pat_", 22, word),
    form("a token of GitLab", "glpat-", 20, word),
    form("a token of Slack", "xoxb-", 20, word),
    form("a token of Slack", "xoxp-", 20, word),
    form("a token of Slack", "xapp-", 20, word),
    form("a key of Stripe", "sk_live_", 16, word),
    form("a key of Stripe", "rk_live_", 16, word),
    form("a key of Google", "AIza", 35, word),
    form("a token of npm", "npm_", 36, word),
    form("a token of PyPI", "pypi-AgEI", 30, word),
    form("a key of SendGrid", "SG.", 50, dotted),
    form("a token of Vault", "hvs.", 24, word),
    form("a signed token (JWT)", "eyJ", 60, dotted),
];

const fn dotted(c: char) -> bool {
    word(c) || c == '.'
}

/// Every secret that is known by its form.
pub(super) fn find(text: &str) -> Vec<Seen> {
    let mut found: Vec<Seen> = FORMS.iter().flat_map(|form| of_form(text, form)).collect();
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY") {
        found.push(Seen("a private key".to_owned()));
    }
    found.extend(logins(text));
    found.dedup();
    found
}

fn of_form(text: &str, form: &Form) -> Vec<Seen> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(form.start) {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let rest = text.get(at + form.start.len()..).unwrap_or_default();
        let body: String = rest.chars().take(LONGEST).take_while(|c| (form.of)(*c)).collect();
        let whole = format!("{}{body}", form.start);
        // A key in the documentation of AWS says so by its end.
        let sample = whole.ends_with("EXAMPLE") || is_monotone(&body);
        let signed = form.start != "eyJ" || body.contains('.');
        if !before.is_some_and(char::is_alphanumeric) && body.len() >= form.least && signed && !sample {
            found.push(Seen::known(form.what, &whole));
        }
    }
    found
}

/// Whether a text is one character again and again: a stand-in.
pub(super) fn is_monotone(text: &str) -> bool {
    let mut all = text.chars().filter(|c| c.is_ascii_alphanumeric());
    all.next().is_none_or(|first| all.all(|c| c.eq_ignore_ascii_case(&first)))
}

/// As much of a text as is looked at.
pub(super) fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(LONGEST)).unwrap_or(text)
}

/// Passwords in addresses: `postgres://user:password@host`.
fn logins(text: &str) -> Vec<Seen> {
    let mut found = Vec::new();
    for (at, mark) in text.match_indices("://") {
        let rest = cut(text.get(at + mark.len()..).unwrap_or_default());
        let until = rest
            .find(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '`' | '?' | '#' | '<' | '>'));
        let authority = rest.get(..until.unwrap_or(rest.len())).unwrap_or_default();
        let Some((user, _)) = authority.rsplit_once('@') else { continue };
        let Some((_, password)) = user.split_once(':') else { continue };
        if !super::names::is_stand_in(password) {
            found
                .push(Seen(format!("an address with a password of {} characters", password.chars().count())));
        }
    }
    found
}
