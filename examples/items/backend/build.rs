//! Rebuilds the program when a migration changes, because migrations are embedded.

fn main() {
    #[expect(clippy::print_stdout, reason = "this is how a build script speaks to Cargo")]
    {
        println!("cargo::rerun-if-changed=migrations");
    }
}
