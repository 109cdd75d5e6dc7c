//! Running other programs, from the root of the repository.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The root of the repository. In a release, of its clone.
pub(crate) fn root() -> PathBuf {
    if let Some(clone) = std::env::var_os("SENDERGATE_ROOT") {
        return clone.into();
    }
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}

/// A program that will run in the root of the repository.
pub(crate) struct Cmd {
    inner: Command,
    shown: String,
}

/// A run of `program`.
pub(crate) fn cmd(program: &str) -> Cmd {
    let mut inner = Command::new(program);
    inner.current_dir(root());
    Cmd { inner, shown: program.to_owned() }
}

/// The same for a tool installed by npm.
pub(crate) fn npm_tool(name: &str) -> Cmd {
    let mut tool = cmd("node_modules/.bin").named(name);
    tool.inner = Command::new(root().join("node_modules/.bin").join(name));
    tool.inner.current_dir(root());
    tool
}

impl Cmd {
    fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.shown);
        self
    }

    /// With one more argument.
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.shown.push(' ');
        self.shown.push_str(&arg.as_ref().to_string_lossy());
        self.inner.arg(arg);
        self
    }

    /// With several more arguments.
    pub(crate) fn args<I: IntoIterator<Item: AsRef<OsStr>>>(self, args: I) -> Self {
        args.into_iter().fold(self, Self::arg)
    }

    /// With a variable of the environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.inner.env(name, value);
        self
    }

    /// Runs the program; anything but success is an error.
    pub(crate) fn go(mut self) -> Result<()> {
        let status = self.inner.status().with_context(|| format!("could not run `{}`", self.shown))?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.shown);
        }
        Ok(())
    }

    /// Runs the program and returns what it prints, trimmed. Its errors are shown.
    pub(crate) fn read(mut self) -> Result<String> {
        self.inner.stderr(Stdio::inherit());
        self.read_quietly()
    }

    /// The same for a program whose failure is an answer: its errors are not shown.
    pub(crate) fn read_quietly(mut self) -> Result<String> {
        let output = self.inner.output().with_context(|| format!("could not run `{}`", self.shown))?;
        if !output.status.success() {
            bail!("`{}` failed ({})", self.shown, output.status);
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}
