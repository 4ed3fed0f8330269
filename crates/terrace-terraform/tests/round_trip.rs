//! What is emitted reads back as the same graph, whatever is in it.

#![expect(clippy::indexing_slicing, reason = "a test may stop where it is wrong")]

mod designs;
mod grown;

use proptest::prelude::*;
use terrace_aws::{Design, Kind};
use terrace_terraform::{FileName, emit, import};

use self::grown::Tape;

fn reads_back(design: &Design) -> Result<(), TestCaseError> {
    let files = emit(design).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let all = || files.iter().map(|(name, text)| format!("--- {name}\n{text}")).collect::<String>();
    let read = import::text(&files).map_err(|found| {
        let found: Vec<_> = found.iter().map(|one| one.message().to_owned()).collect();
        TestCaseError::fail(format!("{found:#?}\n{}", all()))
    })?;
    prop_assert_eq!(&read, &design.graph, "{}", all());
    Ok(())
}

#[test]
fn every_kind_reads_back() {
    // A few fixed tapes, so that no kind is left to chance.
    for (at, kind) in Kind::ALL.iter().enumerate() {
        for seed in 0..24_u32 {
            let choices: Vec<u32> = (0..400_u32)
                .map(|i| (i + 7).wrapping_mul(2_654_435_761).wrapping_add(seed * 977) >> (seed % 13))
                .collect();
            let design = grown::design(&mut Tape::new(&choices), &[*kind]);
            if let Err(error) = reads_back(&design) {
                panic!("{at}: {}: {error}", kind.type_name());
            }
        }
    }
}

#[test]
fn every_real_design_reads_back() {
    for case in designs::all() {
        if let Err(error) = reads_back(&case.design) {
            panic!("{}: {error}", case.name);
        }
        // What a plan tells of it is a graph too, and forgetting twice is forgetting.
        let told = import::forget(&case.design.graph).unwrap();
        assert_eq!(import::forget(&told).as_ref(), Ok(&told), "{}", case.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_design_reads_back(
        choices in prop::collection::vec(any::<u32>(), 0..600),
        kinds in prop::collection::vec(0..Kind::ALL.len(), 0..6),
    ) {
        let kinds: Vec<Kind> = kinds.into_iter().map(|at| Kind::ALL[at]).collect();
        reads_back(&grown::design(&mut Tape::new(&choices), &kinds))?;
    }

    #[test]
    fn any_text_is_refused_or_read(text in "\\PC{0,60}|(resource|\"a\"|\\{|\\}|=|\\[|<<-E|\n| ){0,30}") {
        let name: FileName = "main.tf".parse().unwrap();
        let provider = "provider \"aws\" {\n  region = \"us-east-1\"\n}\n";
        drop(import::text(&[(name, format!("{provider}{text}"))].into()));
    }
}
