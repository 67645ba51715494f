//! Checks of the SDK against the real httpbin, which `real.sh` installs and starts. They are counted, and end with the operations that
//! no check called.

mod checks;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};

use self::checks::Checks;

/// The exit status of the script if there is no httpbin.
const SKIPPED: i32 = 77;

fn main() -> ExitCode {
    let Some(real) = Real::start() else {
        println!("\ntest result: ok. 0 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out");
        return ExitCode::SUCCESS;
    };
    let mut checks = Checks::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(checks.all(&real.url));
    checks.group("tour");
    checks.equal("the tour", tour(&real.url), include_str!("tour.txt").to_owned());
    let (passed, failed) = (checks.passed(), checks.failed());
    let result = if failed == 0 { "ok" } else { "FAILED" };
    println!("\n{} checks against the real httpbin", passed + failed);
    println!(
        "test result: {result}. {passed} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out"
    );
    ExitCode::from(u8::from(failed > 0))
}

/// What the tour prints, with this server.
fn tour(url: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_httpbin")).arg(url).output().unwrap();
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

/// The server, which ends with its standard input.
struct Real {
    url: String,
    server: Child,
}

impl Real {
    /// Starts the script; `None` if there is no httpbin here, which the script states.
    fn start() -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real.sh");
        let mut command = Command::new(script);
        command.arg(env!("CARGO_TARGET_TMPDIR")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = match command.spawn() {
            Ok(server) => server,
            Err(error) => {
                eprintln!(
                    "SKIPPED: tests/real.sh can't be run ({error}); nothing was checked against the real httpbin"
                );
                return None;
            }
        };
        let mut url = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut url).unwrap();
        if url.is_empty() {
            let status = server.wait().unwrap();
            assert_eq!(status.code(), Some(SKIPPED), "tests/real.sh failed");
            return None;
        }
        Some(Self { url: url.trim().to_owned(), server })
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        drop(self.server.stdin.take());
        let _ = self.server.wait();
    }
}
