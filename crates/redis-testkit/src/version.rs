//! Which product and version a server binary is, as its `--version` line says.

use std::fmt;

/// A product and its version, such as `Redis 7.0.15`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Version {
    /// Redis or Valkey: their numbers do not compare.
    pub product: Product,
    /// The first number: 7 in `7.0.15`.
    pub major: u32,
    /// The second number: 0 in `7.0.15`.
    pub minor: u32,
    /// The third number: 15 in `7.0.15`.
    pub patch: u32,
}

/// The two products that speak this protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Product {
    /// Redis.
    Redis,
    /// Valkey, which split off from Redis at 7.2.
    Valkey,
}

impl Version {
    /// Reads the first line of `redis-server --version`, which looks like this:
    ///
    /// ```text
    /// Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=…
    /// Valkey server v=8.1.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=…
    /// ```
    ///
    /// `None` when it looks otherwise.
    pub(crate) fn parse(output: &str) -> Option<Self> {
        let mut words = output.split_whitespace();
        let product = match words.next()? {
            "Redis" => Product::Redis,
            "Valkey" => Product::Valkey,
            _ => return None,
        };
        let number = words.find_map(|word| word.strip_prefix("v="))?;
        // A release candidate calls itself `8.0.0-rc1`.
        let number = number.split('-').next()?;
        let mut parts = number.split('.').map(|part| part.parse().ok());
        let version = Self {
            product,
            major: parts.next()??,
            minor: parts.next()??,
            patch: parts.next()??,
        };
        Some(version)
    }

    /// Whether this is the given version of the given product, or a later one.
    pub fn is_at_least(&self, product: Product, major: u32, minor: u32) -> bool {
        self.product == product && (self.major, self.minor) >= (major, minor)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            product,
            major,
            minor,
            patch,
        } = self;
        write!(f, "{product} {major}.{minor}.{patch}")
    }
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Redis => "Redis",
            Self::Valkey => "Valkey",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_line_tells_product_and_numbers() {
        let redis = "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=a\n";
        assert_eq!(Version::parse(redis).unwrap().to_string(), "Redis 7.0.15");
        let valkey = "Valkey server v=8.1.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=a\n";
        assert_eq!(Version::parse(valkey).unwrap().to_string(), "Valkey 8.1.1");
        let candidate = "Redis server v=8.2.0-rc1 sha=00000000:0\n";
        assert_eq!(
            Version::parse(candidate).unwrap().to_string(),
            "Redis 8.2.0"
        );
    }

    #[test]
    fn another_programs_version_line_is_refused() {
        for output in [
            "",
            "redis-cli 7.0.15",
            "Redis server v=x.y.z",
            "Redis server v=7.0",
        ] {
            assert_eq!(Version::parse(output), None, "{output:?}");
        }
    }

    #[test]
    fn a_version_compares_only_within_its_product() {
        let version = Version::parse("Valkey server v=8.1.1").unwrap();
        assert!(version.is_at_least(Product::Valkey, 8, 1));
        assert!(!version.is_at_least(Product::Valkey, 8, 2));
        assert!(!version.is_at_least(Product::Redis, 7, 0));
    }
}
