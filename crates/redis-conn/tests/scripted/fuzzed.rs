//! What must hold for any URL at all. The function is a target of the fuzzer; the tests at the end call it with
//! the corpus that the fuzzer starts from.

use redis_conn::ConnectionConfig;

/// A URL is read or refused. What has been read prints as a URL that says the same, but for the user and the
/// password, and neither they nor a part of them is ever shown, however wrong the URL is.
pub fn url(bytes: &[u8]) {
    let Ok(url) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(config) = ConnectionConfig::from_url(url) {
        let mut of_others = config.clone();
        of_others.username = config.username.as_ref().map(|_| "somebody".into());
        of_others.password = config.password.as_ref().map(|_| "another".into());
        assert_eq!(
            format!("{config} {config:?}"),
            format!("{of_others} {of_others:?}")
        );
        let printed = config.to_string();
        let mut without_secrets = config;
        without_secrets.username = None;
        without_secrets.password = None;
        let read = ConnectionConfig::from_url(&printed.replace("://***@", "://"));
        assert_eq!(read.unwrap(), without_secrets, "{printed}");
    }
    credentials_stay_hidden(url);
}

/// Puts a secret between `://` and the last `@`, where people write credentials, encoded or not: which one it is
/// makes no difference to what is shown.
fn credentials_stay_hidden(url: &str) {
    let Some((scheme, rest)) = url.split_once("://") else {
        return;
    };
    let Some((credentials, rest)) = rest.rsplit_once('@') else {
        return;
    };
    let places = credentials.char_indices().map(|(at, _)| at);
    for at in places.chain([credentials.len()]).take(100) {
        let (before, behind) = credentials.split_at(at);
        let shown = |secret| {
            let url = format!("{scheme}://{before}{secret}{behind}@{rest}");
            match ConnectionConfig::from_url(&url) {
                // An @ can also stand in a path or in an option.
                Ok(_) if credentials.contains(['/', '?']) => String::new(),
                Ok(config) => format!("{config} {config:?}"),
                Err(error) => format!("{error} {error:?}"),
            }
        };
        assert_eq!(shown("hunter2"), shown("orchid7"));
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_target_passes_its_corpus() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/url");
        let seeds: Vec<_> = fs::read_dir(corpus)
            .unwrap()
            .map(|seed| fs::read(seed.unwrap().path()).unwrap())
            .collect();
        assert!(!seeds.is_empty(), "there is no corpus");
        seeds.iter().for_each(|seed| url(seed));
    }

    #[test]
    fn the_target_passes_urls_that_people_get_wrong() {
        for wrong in [
            "redis://:hun/ter@h",
            "redis://:hun?ter@h",
            "redis://user:1/ter@h",
            "redis://user:1?ter@h",
            "redis://user:1?db=ter@h",
            "redis://user:1?ter=x@h",
            "redis://user:hun#ter@h",
            "redis://user:hun%ter@h",
            "redis://[user:hunter@h",
            "unix://user:hun/ter@/s",
            "unix://user:hunter@h/s",
            "http://user:hunter@h",
            "redis://[%3A%5D%2F%40]:1/2",
        ] {
            url(wrong.as_bytes());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_target_passes_a_soup_of_telling_parts(
            parts in prop::collection::vec(prop::sample::select(&[
                "redis://", "rediss://", "unix:///", "user", ":", "pw", "@", "h", "[", "]", "::1", "7", "/", "3",
                "?", "&", "=", "%", "%25", "%2F", "%C3%BC", "\u{fc}", "#", "db=", "protocol=3", "password=",
                "client_name=", "connect_timeout=", "response_timeout=0.1", "ssl_cert_reqs=none", "1e9", ".5", "***",
            ][..]), 0..12),
            is_url in prop::bool::weighted(0.9),
        ) {
            let start = if is_url { "redis://" } else { "" };
            url(format!("{start}{}", parts.concat()).as_bytes());
        }
    }
}
