//! apt as a downloader: nothing is installed, and a private configuration leaves the system's lists,
//! cache and hooks alone, so no root is needed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::sources_list::Archive;

/// One set of package lists.
pub(crate) struct Apt {
    /// A private configuration; `None` for the system's own.
    config: Option<PathBuf>,
}

/// Where private package lists come from.
pub(crate) enum Sources<'a> {
    /// The archives that the system uses.
    OfTheSystem,
    /// One suite of one archive, so that a package has one candidate.
    Suite(&'a Archive, &'a str),
}

impl Apt {
    /// Whether this system has apt and dpkg.
    pub(crate) fn is_here() -> bool {
        ["apt-get", "dpkg-deb"].iter().all(|program| {
            let mut command = Command::new(program);
            command
                .arg("--version")
                .stdin(Stdio::null())
                .stdout(Stdio::null());
            command
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success())
        })
    }

    /// The package lists that the system has, whatever their age.
    pub(crate) fn system() -> Self {
        Self { config: None }
    }

    /// Package lists of our own in `dir`, fetched now.
    pub(crate) fn private(dir: &Path, sources: &Sources<'_>) -> Result<Self> {
        let (lists, cache) = (dir.join("lists"), dir.join("cache"));
        for dir in [&lists, &cache] {
            fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        }
        let list = dir.join("sources.list");
        if let Sources::Suite(archive, suite) = sources {
            write(&list, &suite_entry(archive, suite))?;
        }
        let config = dir.join("apt.conf");
        write(&config, &configuration(&list, &lists, &cache, sources))?;
        let apt = Self {
            config: Some(config),
        };
        apt.update()?;
        Ok(apt)
    }

    /// Fetches the package lists. Those of the system need root.
    pub(crate) fn update(&self) -> Result<()> {
        output(self.command("apt-get").arg("update")).map(drop)
    }

    /// `package`, and all the libraries it needs, down to the C library.
    ///
    /// Other dependencies (`adduser`) serve an installed service, and are left out.
    pub(crate) fn with_libraries(&self, package: &str) -> Result<Vec<String>> {
        let mut closure = vec![package.to_owned()];
        let mut next = 0;
        while next < closure.len() {
            let mut command = self.command("apt-cache");
            command
                .args(["depends", "--important"])
                .args(&closure[next..]);
            next = closure.len();
            for library in libraries(&output(&mut command)?) {
                if !closure.contains(&library) {
                    closure.push(library);
                }
            }
        }
        Ok(closure)
    }

    /// Downloads packages into `dir` and unpacks them there, below `root`.
    pub(crate) fn unpack(&self, packages: &[String], dir: &Path, root: &Path) -> Result<()> {
        fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        output(
            self.command("apt-get")
                .arg("download")
                .args(packages)
                .current_dir(dir),
        )?;
        let entries =
            fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))?;
        for entry in entries {
            let package = entry?.path();
            output(Command::new("dpkg-deb").arg("-x").arg(package).arg(root))?;
        }
        Ok(())
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        if let Some(config) = &self.config {
            command.arg("-c").arg(config);
        }
        command
    }
}

fn suite_entry(archive: &Archive, suite: &str) -> String {
    let options = archive
        .signed_by
        .as_ref()
        .map_or(String::new(), |path| format!("[signed-by={path}] "));
    format!("deb {options}{} {suite} main\n", archive.uri)
}

/// Read after the system's configuration, so that its proxies and the like stay in force.
///
/// Cleared hooks: as root, they would touch the system's cache and tell its desktop of new lists.
/// `APT::Sandbox::User`: as root, apt would download as a user who cannot enter our directory.
fn configuration(list: &Path, lists: &Path, cache: &Path, sources: &Sources<'_>) -> String {
    let mut text = format!(
        "Dir::State::Lists \"{}\";\n\
         Dir::Cache \"{}\";\n\
         Acquire::Languages \"none\";\n\
         Acquire::IndexTargets::deb::DEP-11::DefaultEnabled \"false\";\n\
         Acquire::IndexTargets::deb::CNF::DefaultEnabled \"false\";\n\
         Acquire::Retries \"3\";\n\
         APT::Sandbox::User \"root\";\n\
         #clear APT::Update::Pre-Invoke;\n\
         #clear APT::Update::Post-Invoke;\n\
         #clear APT::Update::Post-Invoke-Success;\n",
        lists.display(),
        cache.display()
    );
    if let Sources::Suite(..) = sources {
        text.push_str(&format!("Dir::Etc::SourceList \"{}\";\n", list.display()));
        text.push_str("Dir::Etc::SourceParts \"/dev/null\";\n");
        // Otherwise it is content with lists that could not be fetched, and later finds no package in them.
        text.push_str("APT::Update::Error-Mode \"any\";\n");
    }
    text
}

/// The libraries among the dependencies that `apt-cache depends` lists.
///
/// ```text
/// redis-tools
///   Depends: adduser
///   Depends: libc6
///  |Depends: liblzf1          first of two alternatives
///   Depends: liblzf2
///   Depends: <libvirtual>     provided by other packages, which stand indented below
///     libreal
/// ```
fn libraries(depends: &str) -> Vec<String> {
    let mut libraries = Vec::new();
    let mut is_alternative = false;
    for line in depends.lines().map(str::trim) {
        let (offers_alternative, line) = match line.strip_prefix('|') {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let name = line
            .strip_prefix("Depends: ")
            .or_else(|| line.strip_prefix("PreDepends: "));
        let Some(name) = name else { continue };
        let is_library = name.starts_with("lib") || name.starts_with("zlib");
        if is_library && !is_alternative {
            libraries.push(name.to_owned());
        }
        is_alternative = offers_alternative;
    }
    libraries
}

/// Runs a program to its end, quietly; its words are the error's when it fails.
fn output(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {program}"))?;
    if !output.status.success() {
        let first = command
            .get_args()
            .find(|arg| !arg.to_string_lossy().starts_with(['-', '/']));
        let what = first
            .map(|arg| arg.to_string_lossy().into_owned())
            .unwrap_or_default();
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{program} {what} failed ({}):\n{}",
            output.status,
            stderr.trim_end()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_libraries_are_followed_and_of_alternatives_the_first() {
        let depends = "\
redis-tools
  Depends: adduser
  Depends: libatomic1
  PreDepends: libc6
 |Depends: liblzf1
  Depends: liblzf2
  Depends: <libvirtual>
    libreal
  Depends: zlib1g
";
        assert_eq!(
            libraries(depends),
            ["libatomic1", "libc6", "liblzf1", "zlib1g"]
        );
    }

    #[test]
    fn a_suite_is_one_signed_entry() {
        let mut archive = Archive {
            uri: "http://mirror.example/debian".to_owned(),
            signed_by: None,
        };
        assert_eq!(
            suite_entry(&archive, "sid"),
            "deb http://mirror.example/debian sid main\n"
        );
        archive.signed_by = Some("/k.gpg".to_owned());
        let entry = "deb [signed-by=/k.gpg] http://mirror.example/debian sid main\n";
        assert_eq!(suite_entry(&archive, "sid"), entry);
    }
}
