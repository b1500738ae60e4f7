//! hiredis as the parser, behind the framer.
//!
//! It never meets the network. It is given one reply at a time, which the framer has found to be complete,
//! well-formed RESP2 and within the limits, and what it makes of that is written over the reply, as RESP
//! again. What it makes is therefore read and decoded like any other reply, and a reader that is made for
//! one reply leaves no state and no memory behind.
//!
//! The replies are built by functions of our own, as hiredis allows: its own allocate what an array's header
//! claims, by a product that overflows (CVE-2021-32765). They are not used here at all.

use std::{
    ffi::{CStr, c_char, c_int, c_longlong, c_void},
    ptr::{self, NonNull},
    slice,
};

use hiredis_sys::{
    REDIS_OK, REDIS_REPLY_ERROR, REDIS_REPLY_STATUS, redisReadTask, redisReader,
    redisReaderCreateWithFunctions, redisReaderFeed, redisReaderFree, redisReaderGetReply,
    redisReplyObjectFunctions,
};
use resp_proto::{
    Protocol,
    encode::{FixedBuffer, Replies},
};

use crate::{Error, ErrorKind};

/// The longest reply that hiredis is given: it counts bytes in an `int` and reserves more than it needs.
const MOST: usize = 1 << 30;

/// Has hiredis read a reply that the framer has found, and writes over it what hiredis has understood. How
/// long that is: never longer than the reply was.
pub(crate) fn reread(frame: &mut [u8]) -> Result<usize, Error> {
    if frame.len() > MOST {
        return Err(Error::new(
            ErrorKind::Protocol,
            format!(
                "expected a reply of at most {MOST} bytes, which is what hiredis can take, found one of {}",
                frame.len()
            ),
        ));
    }
    let reader = Reader::fed_with(frame)?;
    let mut understood = FixedBuffer::new(frame);
    reader.read_into(&mut understood)?;
    match understood.finish() {
        Ok(bytes) => Ok(bytes.len()),
        Err(_) => Err(refused("it made more of the reply than there was")),
    }
}

/// A reader of hiredis' that holds one reply.
struct Reader(NonNull<redisReader>);

impl Reader {
    fn fed_with(frame: &[u8]) -> Result<Self, Error> {
        let functions = (&raw const FUNCTIONS).cast_mut();
        // SAFETY: hiredis keeps the pointer and reads what is behind it, which lives for ever, and never
        // writes to it. There are no other preconditions.
        let reader = unsafe { redisReaderCreateWithFunctions(functions) };
        let reader = Self(NonNull::new(reader).ok_or_else(|| refused("out of memory"))?);
        // SAFETY: the reader lives. hiredis copies as many bytes as it is told, and there are as many. They
        // are at most `MOST`, so that the `int`s that it counts them in do not overflow.
        let status =
            unsafe { redisReaderFeed(reader.0.as_ptr(), frame.as_ptr().cast(), frame.len()) };
        if status == REDIS_OK {
            Ok(reader)
        } else {
            Err(refused("out of memory"))
        }
    }

    /// Reads the one reply that there is.
    fn read_into(self, understood: &mut FixedBuffer<'_>) -> Result<(), Error> {
        let reader = self.0.as_ptr();
        let mut reply = ptr::null_mut();
        // SAFETY: the reader lives and nobody else has it. `understood` outlives the call, in which alone the
        // functions below are called, and is not used by us meanwhile; the reader ends with this function, so
        // nothing can use the pointer later. hiredis reads no byte beyond those that it was fed with, because
        // the framer has seen all lines end and all strings be complete. The lowest integer of 64 bits is the
        // only one for which its arithmetic overflows, which wraps around as built, to the right number.
        let (status, unread) = unsafe {
            (*reader).privdata = ptr::from_mut(understood).cast();
            let status = redisReaderGetReply(reader, &mut reply);
            (status, (*reader).len.wrapping_sub((*reader).pos))
        };
        if status != REDIS_OK {
            // SAFETY: the reader lives, and hiredis has ended its text with a zero.
            let text = unsafe { CStr::from_ptr((&raw const (*reader).errstr).cast()) };
            return Err(refused(&text.to_string_lossy()));
        }
        if reply.is_null() || unread > 0 {
            return Err(refused("it sees the end of the reply elsewhere"));
        }
        Ok(())
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // SAFETY: the reader lives and is not used after this. It frees no reply, as there is no function for
        // that: what ours return points to nothing that is owned.
        unsafe { redisReaderFree(self.0.as_ptr()) }
    }
}

/// What hiredis calls for each value that it has read, aggregates before their elements: the order of RESP.
///
/// Each returns a pointer that hiredis takes for the value; all that matters is that it is not null. None of
/// them can panic, and were one to, it would abort the process rather than unwind through C.
static FUNCTIONS: redisReplyObjectFunctions = redisReplyObjectFunctions {
    createString: Some(create_string),
    createArray: Some(create_array),
    createInteger: Some(create_integer),
    createNil: Some(create_nil),
    freeObject: None,
};

extern "C" fn create_string(
    task: *const redisReadTask,
    text: *mut c_char,
    length: usize,
) -> *mut c_void {
    // SAFETY: hiredis calls this with a task that lives, and with a text that has `length` bytes.
    let (kind, text) = unsafe {
        let text = slice::from_raw_parts(text.cast::<u8>().cast_const(), length);
        ((*task).kind, text)
    };
    write(task, |replies| match kind {
        REDIS_REPLY_STATUS => replies.simple(text),
        REDIS_REPLY_ERROR => replies.error(text),
        _ => replies.bulk(text),
    })
}

extern "C" fn create_array(task: *const redisReadTask, elements: c_int) -> *mut c_void {
    write(task, |replies| {
        replies.array(usize::try_from(elements).unwrap_or_default());
    })
}

extern "C" fn create_integer(task: *const redisReadTask, number: c_longlong) -> *mut c_void {
    write(task, |replies| replies.integer(number))
}

extern "C" fn create_nil(task: *const redisReadTask) -> *mut c_void {
    write(task, |replies| {
        replies.null();
    })
}

/// Writes one value to where [`Reader::read_into`] has said.
fn write(
    task: *const redisReadTask,
    value: impl FnOnce(&mut Replies<'_, FixedBuffer<'_>>),
) -> *mut c_void {
    // SAFETY: only hiredis calls the functions above, within `Reader::read_into`, each with a task that lives
    // and carries the pointer from there. What that points to is used by nobody else during the call.
    let (out, understood) = unsafe {
        let out = (*task).privdata;
        (out, &mut *out.cast::<FixedBuffer<'_>>())
    };
    value(&mut Replies::new(understood, Protocol::Resp2));
    out
}

fn refused(why: &str) -> Error {
    Error::new(
        ErrorKind::Protocol,
        format!("hiredis refused the reply: {why}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn understood(frame: &[u8]) -> Result<Vec<u8>, String> {
        let mut frame = frame.to_vec();
        let length = reread(&mut frame).map_err(|error| error.to_string())?;
        frame.truncate(length);
        Ok(frame)
    }

    #[test]
    fn what_is_written_is_the_plainest_spelling_of_what_was_read() {
        for (read, written) in [
            ("+OK\r\n", "+OK\r\n"),
            ("-ERR no\r\n", "-ERR no\r\n"),
            (":+0042\r\n", ":42\r\n"),
            (":-9223372036854775808\r\n", ":-9223372036854775808\r\n"),
            ("$003\r\na\r\n\r\n", "$3\r\na\r\n\r\n"),
            ("*-1\r\n", "$-1\r\n"),
            (
                "*3\r\n*0\r\n*2\r\n$-1\r\n:1\r\n$0\r\n\r\n",
                "*3\r\n*0\r\n*2\r\n$-1\r\n:1\r\n$0\r\n\r\n",
            ),
        ] {
            let found = understood(read.as_bytes());
            assert_eq!(found, Ok(written.as_bytes().to_vec()), "{read:?}");
        }
    }

    #[test]
    fn seven_arrays_in_an_array_are_read_and_an_eighth_is_refused() {
        let deep = |levels: usize| [b"*1\r\n".repeat(levels), b":1\r\n".to_vec()].concat();
        assert_eq!(understood(&deep(8)), Ok(deep(8)));
        let error = understood(&deep(9)).unwrap_err();
        assert_eq!(
            error,
            "hiredis refused the reply: No support for nested multi bulk replies with depth > 7"
        );
    }

    /// None of these comes through the framer.
    #[test]
    fn a_reply_that_is_none_is_an_error_and_nothing_else() {
        for (bytes, expected) in [
            ("$5\r\nhel", "it sees the end of the reply elsewhere"),
            ("+OK\r\n+OK\r\n", "it sees the end of the reply elsewhere"),
            ("", "it sees the end of the reply elsewhere"),
            ("%0\r\n", "Protocol error, got \"%\" as reply type byte"),
        ] {
            let error = understood(bytes.as_bytes()).unwrap_err();
            assert_eq!(error, format!("hiredis refused the reply: {expected}"));
        }
    }
}
