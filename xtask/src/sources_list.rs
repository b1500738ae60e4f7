//! Which package archives this system uses, read from apt's own files (sources.list(5)).
//!
//! A suite of another release is fetched from the mirror that the system itself uses, so no host is
//! written in this project, and a local mirror is honoured.

use std::fs;
use std::path::{Path, PathBuf};

/// An archive: the part of an entry that does not depend on the suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Archive {
    pub(crate) uri: String,
    /// The key ring that signs it, as a path; other ways of naming a key are not carried over.
    pub(crate) signed_by: Option<String>,
}

/// The suites of the Debian archive that a system may track, without their side archives.
const SUITES: [&str; 11] = [
    "stable",
    "oldstable",
    "testing",
    "unstable",
    "sid",
    "buster",
    "bullseye",
    "bookworm",
    "trixie",
    "forky",
    "duke",
];

/// The key ring of a Debian system, for entries that name none.
const DEBIAN_KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// The archives of this system that may be a Debian mirror, the likeliest first.
pub(crate) fn archives() -> Vec<Archive> {
    let mut found = Vec::new();
    for path in source_files(Path::new("/etc/apt")) {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let is_deb822 = path
            .extension()
            .is_some_and(|extension| extension == "sources");
        found.extend(if is_deb822 {
            deb822(&text)
        } else {
            one_line(&text)
        });
    }
    for archive in &mut found {
        if archive.signed_by.is_none() && Path::new(DEBIAN_KEYRING).exists() {
            archive.signed_by = Some(DEBIAN_KEYRING.to_owned());
        }
    }
    likeliest_first(found)
}

fn source_files(apt: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(apt.join("sources.list.d"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|end| end == "sources" || end == "list")
        })
        .collect();
    files.sort();
    files.insert(0, apt.join("sources.list"));
    files
}

/// An archive of the distribution itself has `debian` in its path or in its key ring's name;
/// others, such as a browser's, may call their suite `stable` and their component `main` as well.
fn likeliest_first(mut archives: Vec<Archive>) -> Vec<Archive> {
    archives.dedup();
    archives.sort_by_key(|archive| {
        let signed = archive.signed_by.as_deref().unwrap_or_default();
        !archive.uri.contains("debian") && !signed.contains("debian-archive")
    });
    archives
}

/// The format of `*.sources`: stanzas of `Name: value`, apart by empty lines.
fn deb822(text: &str) -> Vec<Archive> {
    let mut archives = Vec::new();
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    for stanza in lines.split(|line| line.trim().is_empty()) {
        let value_of = |wanted: &str| {
            let is_wanted = |line: &&&str| {
                line.split_once(':')
                    .is_some_and(|(name, _)| name.eq_ignore_ascii_case(wanted))
            };
            let line = stanza.iter().find(is_wanted)?;
            line.split_once(':').map(|(_, value)| value.trim())
        };
        let words_of = |name| value_of(name).unwrap_or_default().split_whitespace();
        let is_off = value_of("Enabled").is_some_and(|value| value.eq_ignore_ascii_case("no"));
        if is_off || !words_of("Types").any(|kind| kind == "deb") {
            continue;
        }
        let suites: Vec<_> = words_of("Suites").collect();
        let components: Vec<_> = words_of("Components").collect();
        if !is_main(&suites, &components) {
            continue;
        }
        let signed_by = value_of("Signed-By").filter(|value| value.starts_with('/'));
        archives.extend(words_of("URIs").map(|uri| Archive {
            uri: uri.to_owned(),
            signed_by: signed_by.map(str::to_owned),
        }));
    }
    archives
}

/// The format of `*.list`: `deb [option=value …] URI suite component…`.
fn one_line(text: &str) -> Vec<Archive> {
    let mut archives = Vec::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        let Some(entry) = line.strip_prefix("deb ").map(str::trim) else {
            continue;
        };
        let (options, entry) = match entry
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'))
        {
            Some((options, entry)) => (options, entry),
            None => ("", entry),
        };
        let words: Vec<_> = entry.split_whitespace().collect();
        let [uri, suite, components @ ..] = words.as_slice() else {
            continue;
        };
        if is_main(&[suite], components) {
            let signed_by = options
                .split_whitespace()
                .find_map(|option| option.strip_prefix("signed-by="))
                .filter(|value| value.starts_with('/'));
            archives.push(Archive {
                uri: (*uri).to_owned(),
                signed_by: signed_by.map(str::to_owned),
            });
        }
    }
    archives
}

/// Whether an entry is a whole release: security and backports are archives of their own.
fn is_main(suites: &[&str], components: &[&str]) -> bool {
    components.contains(&"main") && suites.iter().any(|suite| SUITES.contains(suite))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(uri: &str, signed_by: Option<&str>) -> Archive {
        Archive {
            uri: uri.to_owned(),
            signed_by: signed_by.map(str::to_owned),
        }
    }

    #[test]
    fn a_deb822_file_tells_the_main_archive_and_not_the_side_archives() {
        let text = "\
Types: deb
# http://mirror.example/snapshot/debian
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main

Types: deb-src
URIs: http://source.example/debian
Suites: bookworm
Components: main

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
";
        let keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
        assert_eq!(
            deb822(text),
            [archive("http://mirror.example/debian", Some(keyring))]
        );
    }

    #[test]
    fn a_key_written_into_the_file_is_not_carried_over() {
        let text = "Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie\n\
                    Components: main\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n";
        assert_eq!(
            deb822(text),
            [archive("http://mirror.example/debian", None)]
        );
    }

    #[test]
    fn a_one_line_file_tells_the_same() {
        let text = "\
# deb http://old.example/debian bookworm main
deb http://mirror.example/debian bookworm main contrib # ours
deb [arch=amd64 signed-by=/k.gpg] http://signed.example/debian trixie main
deb http://mirror.example/debian bookworm-backports main
deb-src http://mirror.example/debian bookworm main
deb http://tools.example/apt nodistro main
";
        let expected = [
            archive("http://mirror.example/debian", None),
            archive("http://signed.example/debian", Some("/k.gpg")),
        ];
        assert_eq!(one_line(text), expected);
    }

    #[test]
    fn a_strangers_archive_comes_last() {
        let browser = archive("http://browser.example/linux/deb", None);
        let debian = archive("http://mirror.example/debian", None);
        let ordered = likeliest_first(vec![browser.clone(), debian.clone(), debian.clone()]);
        assert_eq!(ordered, [debian, browser]);
    }
}
