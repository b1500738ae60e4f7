//! The servers that the tests know by name, and where they come from.

use redis_testkit::{Product, Version};

/// A server that `--server` and `cargo xtask servers` take by name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// As on the command line, and the directory's name under `target/servers`.
    pub(crate) name: &'static str,
    pub(crate) product: Product,
    pub(crate) major: u32,
    /// The Debian suite that has it.
    pub(crate) suite: &'static str,
    /// Whether `all` fails when it cannot be had. A suite that still moves may lose it any day.
    pub(crate) required: bool,
}

/// Oldest first.
pub(crate) static MATRIX: [Named; 4] = [
    Named {
        name: "redis-7",
        product: Product::Redis,
        major: 7,
        suite: "bookworm",
        required: true,
    },
    Named {
        name: "redis-8",
        product: Product::Redis,
        major: 8,
        suite: "trixie",
        required: true,
    },
    Named {
        name: "valkey-8",
        product: Product::Valkey,
        major: 8,
        suite: "trixie",
        required: true,
    },
    Named {
        name: "valkey-9",
        product: Product::Valkey,
        major: 9,
        suite: "sid",
        required: false,
    },
];

impl Named {
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        MATRIX.iter().find(|server| server.name == name)
    }

    /// Whether a server of this version is this one.
    pub(crate) fn is(&self, version: Version) -> bool {
        self.product == version.product && self.major == version.major
    }
}

/// The name that a server of this version has, or would have, under `target/servers`.
pub(crate) fn name_of(version: Version) -> String {
    let product = version.product.to_string().to_lowercase();
    format!("{product}-{}", version.major)
}

/// All names, for a message.
pub(crate) fn names() -> String {
    MATRIX.each_ref().map(|server| server.name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_product_and_major_version() {
        for server in &MATRIX {
            let version = Version {
                product: server.product,
                major: server.major,
                minor: 1,
                patch: 2,
            };
            assert_eq!(name_of(version), server.name);
            assert!(server.is(version));
        }
    }
}
