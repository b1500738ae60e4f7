//! Which command installs a server on this system.

use std::fs;

/// The command that installs a Redis or Valkey server on this system, for a message to its user;
/// where the system is unknown, a few words instead.
///
/// Reads `/etc/os-release`; runs nothing.
pub fn install_command() -> &'static str {
    if cfg!(target_os = "macos") {
        return "brew install redis";
    }
    let os_release = fs::read_to_string("/etc/os-release")
        .or_else(|_| fs::read_to_string("/usr/lib/os-release"))
        .unwrap_or_default();
    command_for(&os_release)
}

/// `ID` names the distribution, `ID_LIKE` those it derives from, nearest first
/// (os-release(5)); values may be quoted.
fn command_for(os_release: &str) -> &'static str {
    let value_of = |wanted: &str| {
        os_release
            .lines()
            .filter_map(|line| line.split_once('='))
            .find(|(name, _)| *name == wanted)
            .map_or("", |(_, value)| value.trim_matches(['"', '\'']))
    };
    let ids = value_of("ID")
        .split_whitespace()
        .chain(value_of("ID_LIKE").split_whitespace());
    for id in ids {
        return match id {
            "debian" | "ubuntu" => "apt-get install redis-server",
            "fedora" => "dnf install valkey",
            "rhel" | "centos" => "dnf install redis",
            "arch" => "pacman -S valkey",
            "alpine" => "apk add valkey",
            "suse" | "opensuse" => "zypper install redis",
            "gentoo" => "emerge dev-db/redis",
            "nixos" => "nix-shell -p redis",
            "freebsd" => "pkg install redis",
            _ => continue,
        };
    }
    "the system's package manager (the package is called redis or valkey)"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_system_gets_its_own_command() {
        let debian = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n";
        assert_eq!(command_for(debian), "apt-get install redis-server");
        assert_eq!(
            command_for("NAME=Fedora\nID=fedora\n"),
            "dnf install valkey"
        );
        assert_eq!(
            command_for("ID=alpine\nVERSION_ID=3.20\n"),
            "apk add valkey"
        );
    }

    #[test]
    fn a_derivative_gets_the_command_of_what_it_is_like() {
        let mint = "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n";
        assert_eq!(command_for(mint), "apt-get install redis-server");
        let rocky = "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n";
        assert_eq!(command_for(rocky), "dnf install redis");
    }

    #[test]
    fn an_unknown_system_gets_words() {
        assert!(command_for("ID=haiku\n").starts_with("the system's package manager"));
        assert!(command_for("").starts_with("the system's package manager"));
    }
}
