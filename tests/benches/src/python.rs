//! The clients in Python, each with an environment that is made here. The two versions of restfly can't be in one.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::Problem;
use crate::clients::{Measured, run};
use crate::folders::{manifest, target};

/// A client in Python.
pub(crate) struct Client {
    pub(crate) name: &'static str,
    variant: &'static str,
    environment: &'static str,
}

pub(crate) const ALL: [Client; 4] = [
    Client { name: "Python: restfly 1.5", variant: "restfly1", environment: "restfly1" },
    Client { name: "Python: restfly 2.0", variant: "restfly2", environment: "restfly2" },
    Client { name: "Python: requests", variant: "requests", environment: "restfly1" },
    Client { name: "Python: httpx", variant: "httpx", environment: "restfly2" },
];

impl Client {
    /// Makes the environment if it is not there, and returns its interpreter.
    pub(crate) fn build(&self) -> Result<PathBuf, Problem> {
        let packages: &[&str] = match self.environment {
            "restfly1" => &["restfly==1.5.*", "requests"],
            _ => &["restfly==2.0.*", "httpx"],
        };
        let folder = target().join("python").join(self.environment);
        let python = folder.join("bin/python");
        let ready = folder.join("ready");
        if !ready.exists() {
            eprintln!("installing {}", packages.join(" and "));
            done(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
            done(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(packages))?;
            std::fs::write(ready, "")?;
        }
        Ok(python)
    }

    pub(crate) fn run(
        &self,
        python: &PathBuf,
        url: &str,
        work: &str,
        calls: usize,
    ) -> Result<Measured, Problem> {
        let script = manifest().join("clients/python.py");
        run(Command::new(python).arg(script).args([self.variant, url, work, &calls.to_string()]))
    }
}

fn done(command: &mut Command) -> Result<(), Problem> {
    let output = command.stdin(Stdio::null()).output()?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let last = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
        return Err(format!("the environment can't be made: {last}").into());
    }
    Ok(())
}
