//! Runs the program of a chapter: `cargo run -p tutorial -- 04`.

fn main() -> std::process::ExitCode {
    acme::run(&std::env::args().nth(1).expect("the number of a chapter, such as 04"))
}
