//! The reference page of the rules, made from the rules themselves.

use std::fmt::Write as _;

use crate::rules;

/// The page `docs/audit.md`, Markdown.
pub fn reference() -> String {
    let mut page = String::from("# The rules of the audit\n\n");
    let _ = writeln!(
        page,
        "<!-- Made from the rules: `TERRACE_UPDATE=1 cargo test -p terrace-audit` writes it anew. -->\n\n\
         `terrace audit` looks at a design with these rules. Where a rule finds nothing, having looked at something, its \
         property is proved; where it finds something, the report names the resource, the argument and the smallest fix. A \
         finding that rests on a value that nobody told says on which it depends.\n\n\
         What weighs how much: *critical* is open as it stands; *high* is one mistake or one weakness elsewhere away from \
         harm; *medium* is a safeguard that is missing; *low* is untidy. A finding may weigh less than its rule.\n\n\
         | rule | weight | what holds where it finds nothing |\n|---|---|---|"
    );
    for rule in rules::ALL {
        let name = rule.name;
        let _ = writeln!(page, "| [`{name}`](#{name}) | {} | {} |", rule.severity.word(), rule.property);
    }
    for rule in rules::ALL {
        let _ = writeln!(page, "\n## {}\n\n*{}*: {}.\n", rule.name, rule.severity.word(), rule.property);
        let _ = writeln!(page, "{}\n\n{}\n", rule.what, rule.why);
        let _ = writeln!(page, "Found:\n\n{}\nMended:\n\n{}", code(rule.example), code(rule.fix));
        let _ = writeln!(page, "After {}.", rule.sources.join("; "));
    }
    page
}

/// As code, if it is any.
fn code(text: &str) -> String {
    if text.contains("{\n") { format!("```hcl\n{text}\n```\n") } else { format!("{text}\n") }
}
