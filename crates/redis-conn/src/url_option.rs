//! The options of a URL, and what their values can be.

use std::{str::FromStr, time::Duration};

use crate::{Error, ErrorKind};

/// An option of a URL: what stands behind the question mark, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UrlOption {
    /// Its name.
    pub name: String,
    /// Its value, as text.
    pub value: String,
}

impl UrlOption {
    /// The value as a number without a sign.
    ///
    /// # Errors
    /// `InvalidInput`, naming the option.
    pub fn number<T: FromStr>(&self) -> Result<T, Error> {
        number(&self.name, &self.value)
    }

    /// The value as a time in seconds, above zero.
    ///
    /// # Errors
    /// `InvalidInput`, naming the option.
    pub fn seconds(&self) -> Result<Duration, Error> {
        self.seconds_or_none()?
            .ok_or_else(|| self.invalid("a number of seconds above zero"))
    }

    /// The value as a time in seconds, where 0 means none.
    ///
    /// # Errors
    /// `InvalidInput`, naming the option.
    pub fn seconds_or_none(&self) -> Result<Option<Duration>, Error> {
        let seconds = self
            .value
            .parse()
            .ok()
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let seconds = seconds.ok_or_else(|| self.invalid("a number of seconds"))?;
        Ok(Some(seconds).filter(|seconds| !seconds.is_zero()))
    }

    /// The value as yes or no.
    ///
    /// # Errors
    /// `InvalidInput`, naming the option.
    pub fn boolean(&self) -> Result<bool, Error> {
        match self.value.to_ascii_lowercase().as_str() {
            "yes" | "true" | "on" | "1" => Ok(true),
            "no" | "false" | "off" | "0" => Ok(false),
            _ => Err(self.invalid("yes or no")),
        }
    }

    fn invalid(&self, expected: &str) -> Error {
        invalid(format!(
            "expected {expected} as the {}, found {:?}",
            self.name, self.value
        ))
    }
}

pub(crate) fn number<T: FromStr>(part: &str, text: &str) -> Result<T, Error> {
    let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let number = digits.and_then(|digits| digits.parse().ok());
    number.ok_or_else(|| no_number(part, text))
}

fn no_number(part: &str, text: &str) -> Error {
    invalid(format!("expected a number as the {part}, found {text:?}"))
}

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidInput, message).at("reading the URL of a server")
}
