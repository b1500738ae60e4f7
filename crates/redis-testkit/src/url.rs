//! The URLs under which a client finds a server.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// `redis://[:password@]host:port`
pub(crate) fn tcp(host: &str, port: u16, password: Option<&str>) -> String {
    format!("redis://{}{host}:{port}", userinfo(password))
}

/// `rediss://[:password@]host:port`
pub(crate) fn tls(host: &str, port: u16, password: Option<&str>) -> String {
    format!("rediss://{}{host}:{port}", userinfo(password))
}

/// `unix://[:password@]/path`
pub(crate) fn unix(path: &Path, password: Option<&str>) -> String {
    format!(
        "unix://{}{}",
        userinfo(password),
        escaped(path.as_os_str().as_bytes(), b"/")
    )
}

fn userinfo(password: Option<&str>) -> String {
    password.map_or_else(String::new, |password| {
        format!(":{}@", escaped(password.as_bytes(), b""))
    })
}

/// Percent-encodes all but RFC 3986's unreserved characters and `kept`.
fn escaped(bytes: &[u8], kept: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || kept.contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_without_a_password_has_no_userinfo() {
        assert_eq!(tcp("127.0.0.1", 6379, None), "redis://127.0.0.1:6379");
        assert_eq!(
            unix(Path::new("/run/a/redis.sock"), None),
            "unix:///run/a/redis.sock"
        );
    }

    #[test]
    fn what_would_break_a_url_is_escaped() {
        assert_eq!(
            tcp("127.0.0.1", 1, Some("a b/c@d")),
            "redis://:a%20b%2Fc%40d@127.0.0.1:1"
        );
        assert_eq!(
            unix(Path::new("/my tmp/r.sock"), Some("p:?")),
            "unix://:p%3A%3F@/my%20tmp/r.sock"
        );
    }
}
