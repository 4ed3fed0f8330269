//! Texts that would take for ever, or more than there is: an answer comes, and says what was given up.

use std::fmt::Write as _;

use terrace_aws::inventory::{Inventory, Tree};
use terrace_terraform::found::{Given, folder};

use crate::shown;

fn of(files: &[(&str, String)]) -> Inventory {
    let mut tree = Tree::new();
    for (path, text) in files {
        tree.insert(*path, text.as_str());
    }
    folder(&tree, "", &Given::default()).unwrap()
}

fn main_of(text: String) -> String {
    let shown = shown::inventory(&of(&[("main.tf", text)]));
    assert!(shown.len() < 5_000_000, "{} bytes", shown.len());
    shown
}

#[test]
fn locals_that_double_each_other_stay_small() {
    for (first, more) in [
        ("[\"x\"]", "[local.BEFORE, local.BEFORE]"),
        ("[\"x\"]", "concat(local.BEFORE, local.BEFORE)"),
        ("\"x\"", "\"${local.BEFORE}${local.BEFORE}\""),
        ("{ a = 1 }", "{ a = local.BEFORE, b = local.BEFORE }"),
        ("\"x\"", "jsonencode([local.BEFORE, local.BEFORE])"),
        ("\"x\"", "format(\"%s%s\", local.BEFORE, local.BEFORE)"),
        ("\"x\"", "replace(local.BEFORE, \"x\", \"xx\")"),
        ("\"x\"", "join(\",\", [local.BEFORE, local.BEFORE])"),
        ("[1, 2]", "setproduct(local.BEFORE, local.BEFORE)"),
        ("var.x", "[local.BEFORE, local.BEFORE]"),
        ("var.x", "\"${local.BEFORE}${local.BEFORE}\""),
    ] {
        let mut text = format!("variable \"x\" {{}}\nlocals {{\n  l0 = {first}\n");
        for at in 1..80 {
            writeln!(text, "  l{at} = {}", more.replace("BEFORE", &format!("l{}", at - 1))).unwrap();
        }
        text.push_str("}\noutput \"o\" {\n  value = local.l79\n}\n");
        let shown = main_of(text);
        assert!(shown.starts_with("output.o"), "{more}");
    }
}

#[test]
fn a_long_chain_has_its_value() {
    let mut text = String::from("locals {\n  l0 = 1\n");
    for at in 1..5000 {
        writeln!(text, "  l{at} = local.l{} + 1", at - 1).unwrap();
    }
    text.push_str("}\noutput \"o\" {\n  value = local.l4999\n}\n");
    assert!(main_of(text).contains("value = 5000"));
}

#[test]
fn a_value_that_nests_without_end_is_an_unknown() {
    let mut text = String::from("locals {\n  l0 = []\n");
    for at in 1..3000 {
        writeln!(text, "  l{at} = [local.l{}]", at - 1).unwrap();
    }
    text.push_str("}\noutput \"o\" {\n  value = local.l2999\n}\n");
    assert!(main_of(text).contains("?(a value that is too large)"));
}

#[test]
fn locals_that_need_each_other_are_named() {
    let shown =
        main_of("locals {\n  a = local.b\n  b = [local.a]\n}\noutput \"o\" {\n  value = local.a\n}\n".into());
    assert!(shown.contains("unread local.a depends on itself  @ main.tf:2"), "{shown}");
    let mut text = String::from("locals {\n  l0 = local.l999\n");
    for at in 1..1000 {
        writeln!(text, "  l{at} = local.l{}", at - 1).unwrap();
    }
    text.push_str("}\noutput \"o\" {\n  value = local.l5\n}\n");
    assert!(main_of(text).contains("depends on itself"));
}

#[test]
fn too_many_instances_are_one_that_depends() {
    let shown = main_of(
        "resource \"aws_instance\" \"a\" {\n  count = 1000000000\n}\nresource \"aws_instance\" \"b\" {\n  for_each = toset([for x in range(1024) : tostring(x)])\n}\noutput \"o\" {\n  value = range(1000000000)\n}\n"
            .into(),
    );
    assert!(shown.contains("aws_instance.a[?]"), "{shown}");
    assert!(shown.contains("aws_instance.b[?]"), "{shown}");
    assert!(
        shown.contains("unread output.o.value `range`: the range has more than 1024 elements"),
        "{shown}"
    );
}

#[test]
fn loops_in_loops_end() {
    let row =
        "for a in range(1000) : [for b in range(1000) : [for c in range(1000) : [for d in range(1000) : a]]]";
    let shown = main_of(format!("output \"o\" {{\n  value = [{row}]\n}}\n"));
    assert!(shown.contains("takes too long"), "{}", shown.len());
}

#[test]
fn a_module_that_calls_itself_is_listed() {
    let shown = shown::inventory(&of(&[
        ("main.tf", "module \"a\" {\n  source = \"./a\"\n}\n".into()),
        ("a/main.tf", "module \"b\" {\n  source = \"../b\"\n}\n".into()),
        (
            "b/main.tf",
            "module \"a\" {\n  source = \"../a\"\n}\nmodule \"c\" {\n  source = \"./\"\n}\n".into(),
        ),
    ]));
    assert!(shown.contains("unread module.a.module.b.module.a module source `../a` is one of the modules that call it  @ b/main.tf:1"), "{shown}");
    assert!(shown.contains("module.a.module.b.module.c module source `./`"), "{shown}");
}

#[test]
fn modules_that_multiply_end() {
    let mut files = vec![("main.tf".to_owned(), String::new())];
    let call = |to: usize| {
        format!(
            "module \"m\" {{\n  count = 100\n  source = \"../m{to}\"\n}}\nresource \"aws_vpc\" \"a\" {{\n}}\n"
        )
    };
    files[0].1 = "module \"m\" {\n  source = \"./m0\"\n}\n".to_owned();
    for at in 0..6 {
        files.push((format!("m{at}/main.tf"), call(at + 1)));
    }
    let files: Vec<(&str, String)> = files.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
    let shown = shown::inventory(&of(&files));
    assert!(shown.contains("is one of too many modules"), "{}", shown.len());
}

#[test]
fn deep_expressions_end() {
    for (before, inner, after) in [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("!", "true", ""),
        ("upper(", "\"a\"", ")"),
        ("\"${", "1", "}\""),
        ("{ a = ", "1", "}"),
    ] {
        for depth in [10, 60, 1000, 20_000] {
            let text = format!(
                "output \"o\" {{\n  value = {}{inner}{}\n}}\n",
                before.repeat(depth),
                after.repeat(depth)
            );
            let mut tree = Tree::new();
            tree.insert("main.tf", text);
            match folder(&tree, "", &Given::default()) {
                Ok(all) => assert_eq!(all.len(), 1),
                Err(found) => assert!(found.has_errors()),
            }
        }
    }
}

#[test]
fn templates_that_render_themselves_end() {
    let shown = shown::inventory(&of(&[
        (
            "main.tf",
            "output \"o\" {\n  value = templatefile(\"${path.module}/t.tpl\", { a = 1 })\n}\n".into(),
        ),
        ("t.tpl", "x${templatefile(\"t.tpl\", { a = 1 })}${templatefile(\"t.tpl\", { a = 1 })}".into()),
    ]));
    assert!(shown.starts_with("output.o"), "{shown}");
}

#[test]
fn syntax_errors_come_all_at_once_with_their_places() {
    let mut tree = Tree::new();
    tree.insert("a.tf", "resource \"aws_vpc\" {\n");
    tree.insert("b.tf", "\n\nx = = 1\n");
    tree.insert("c.tf.json", "{\n  \"resource\": \n}");
    tree.insert("terraform.tfvars", "a = ");
    let found = folder(&tree, "", &Given::default()).unwrap_err();
    let mut places: Vec<String> =
        found.iter().map(|one| one.message().split(':').take(2).collect::<Vec<_>>().join(":")).collect();
    places.sort();
    assert_eq!(places, ["a.tf:1", "b.tf:3", "c.tf.json:3", "terraform.tfvars:1"]);
}
