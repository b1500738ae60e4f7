//! One command and its reply, whoever makes the call.

use redis_cmd::Command;
use redis_conn::{Error, ErrorKind, Receive, Request};
use resp_proto::{Arrival, DecodeError, FromReplyOwned, ServerError};

use crate::refusals::told_apart;

/// Decodes a reply, which is none of the server's errors, into what somebody keeps.
pub type Decode<'d> = dyn FnMut(Arrival<'_>) -> Result<(), DecodeError> + 'd;

/// Has `make` make the call that a command is, and its reply decoded: what all executors that answer at once have in
/// common. Compiled once for each of them, and not for every type of a reply.
///
/// `make` sends the request, as often as it likes, and hands the last reply on.
///
/// # Errors
/// - `InvalidInput` of a command that [must not be sent](Command::reason_against), without a call;
/// - those of `make`;
/// - `Server` when the server answers with one, which of a [program](Command::runs_program) says that it may have been
///   executed unless it is in the server's own words for not having run it;
/// - `Decode`, naming the command, or the `Server` error in the midst of a reply: what has a reply was executed.
pub fn make_call(
    command: &Command<'_>,
    decode: &mut Decode<'_>,
    make: impl FnOnce(Request<'_>, &mut Receive<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let told = |error| told_apart(error, command.runs_program());
    make_call_of(command, &told, decode, make)
}

/// The same, where `told` says of an error that the server answers whether the command may have been executed.
pub(crate) fn make_call_of(
    command: &Command<'_>,
    told: &dyn Fn(Error) -> Error,
    decode: &mut Decode<'_>,
    make: impl FnOnce(Request<'_>, &mut Receive<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    if let Some(reason) = command.reason_against() {
        return Err(Error::new(ErrorKind::InvalidInput, reason).at(command.to_string()));
    }
    let request = Request::new(command.encoded()).with_borrowed(command.borrowed());
    let mut receive = |reply: Arrival<'_>| match reply.error() {
        Some(line) => Err(told(ServerError::from_line(line).into())),
        // Whatever errors it holds, it is the reply of a command that was executed.
        None => decode(reply).map_err(|error| Error::from(error).with_maybe_executed(true)),
    };
    make(request, &mut receive).map_err(|error| at_reply(error, || command.name()))
}

/// What `call` has decoded.
///
/// # Errors
/// Those of `call`.
pub fn decoded<T: FromReplyOwned>(
    call: impl FnOnce(&mut Decode<'_>) -> Result<(), Error>,
) -> Result<T, Error> {
    let mut decoded = None;
    call(&mut |reply| {
        decoded = Some(reply.decode()?);
        Ok(())
    })?;
    decoded.ok_or_else(|| Error::new(ErrorKind::Protocol, "no reply was decoded"))
}

/// The error of a call, which says, if a reply could not be decoded, to which command it was.
#[must_use]
pub fn at_reply(error: Error, name: impl FnOnce() -> String) -> Error {
    match error.kind() {
        ErrorKind::Decode => error.at(format!("the reply to {}", name())),
        _ => error,
    }
}
