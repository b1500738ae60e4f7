//! hiredis, the C client library, behind safe Rust.

use std::{
    ffi::{CStr, CString, c_char, c_void},
    ptr, slice,
};

use anyhow::{Result, ensure};
use hiredis_sys::{
    REDIS_ERR, REDIS_REPLY_ARRAY, REDIS_REPLY_ERROR, REDIS_REPLY_INTEGER, freeReplyObject,
    redisAppendCommandArgv, redisConnect, redisConnectUnix, redisContext, redisFree, redisGetReply,
    redisReply,
};

use crate::{data::Addresses, workloads::Place};

/// A connection.
pub(crate) struct Connection {
    /// From `redisConnect`, until the drop.
    context: *mut redisContext,
}

/// A reply, owned.
pub(crate) struct Reply {
    /// From `redisGetReply`, until the drop.
    reply: *mut redisReply,
}

impl Connection {
    pub(crate) fn open(addresses: &Addresses, place: Place) -> Result<Self> {
        let context = match place {
            // SAFETY: the string lives until the call returns.
            Place::Tcp => unsafe { redisConnect(c"127.0.0.1".as_ptr(), addresses.port.into()) },
            Place::Unix => {
                let path = CString::new(addresses.socket.as_str())?;
                // SAFETY: as above.
                unsafe { redisConnectUnix(path.as_ptr()) }
            }
        };
        ensure!(!context.is_null(), "hiredis has no memory");
        let connection = Self { context };
        connection.check()?;
        Ok(connection)
    }

    /// Puts a command into the buffer of what is to be sent.
    pub(crate) fn append(&mut self, words: &[&[u8]]) -> Result<()> {
        let mut pointers = [ptr::null::<c_char>(); 4];
        let mut lengths = [0; 4];
        if words.len() > pointers.len() {
            return self.append_many(words);
        }
        for ((word, pointer), length) in words.iter().zip(&mut pointers).zip(&mut lengths) {
            (*pointer, *length) = (word.as_ptr().cast(), word.len());
        }
        self.append_argv(&mut pointers[..words.len()], &lengths[..words.len()])
    }

    /// The next reply; sends before what is to be sent.
    pub(crate) fn reply(&mut self) -> Result<Reply> {
        let mut reply: *mut c_void = ptr::null_mut();
        // SAFETY: the context lives, and `reply` can be written to.
        let status = unsafe { redisGetReply(self.context, &mut reply) };
        if status == REDIS_ERR {
            self.check()?;
        }
        ensure!(!reply.is_null(), "hiredis has no reply");
        let reply = Reply {
            reply: reply.cast(),
        };
        ensure!(reply.object().kind != REDIS_REPLY_ERROR, "an error reply");
        Ok(reply)
    }

    fn append_many(&mut self, words: &[&[u8]]) -> Result<()> {
        let mut pointers: Vec<_> = words.iter().map(|word| word.as_ptr().cast()).collect();
        let lengths: Vec<_> = words.iter().map(|word| word.len()).collect();
        self.append_argv(&mut pointers, &lengths)
    }

    fn append_argv(&mut self, pointers: &mut [*const c_char], lengths: &[usize]) -> Result<()> {
        let count = pointers.len().try_into()?;
        // SAFETY: the context lives, and so do as many words as are said; they are copied.
        let status = unsafe {
            redisAppendCommandArgv(self.context, count, pointers.as_mut_ptr(), lengths.as_ptr())
        };
        ensure!(status != REDIS_ERR, "hiredis takes no command");
        Ok(())
    }

    fn check(&self) -> Result<()> {
        // SAFETY: the context lives, and its message ends with a zero.
        let (error, message) = unsafe {
            let context = &*self.context;
            (context.err, CStr::from_ptr(context.errstr.as_ptr()))
        };
        ensure!(error == 0, "hiredis: {}", message.to_string_lossy());
        Ok(())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: it lives, and nobody uses it after this.
        unsafe { redisFree(self.context) }
    }
}

impl Reply {
    /// The bytes of a string.
    pub(crate) fn bytes(&self) -> &[u8] {
        bytes(self.object())
    }

    /// The elements of an array of strings, or the one string that it is.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &[u8]> {
        let reply = self.object();
        let elements: &[*mut redisReply] = if reply.kind == REDIS_REPLY_ARRAY && reply.elements > 0
        {
            // SAFETY: hiredis sets both for an array, and they live as long as the reply.
            unsafe { slice::from_raw_parts(reply.element, reply.elements) }
        } else {
            &[]
        };
        // SAFETY: the elements live as long as the reply.
        elements.iter().map(|&element| bytes(unsafe { &*element }))
    }

    fn object(&self) -> &redisReply {
        // SAFETY: it lives as long as `self`.
        unsafe { &*self.reply }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        // SAFETY: it lives, and nobody uses it after this.
        unsafe { freeReplyObject(self.reply.cast()) }
    }
}

fn bytes(reply: &redisReply) -> &[u8] {
    if reply.kind == REDIS_REPLY_INTEGER || reply.string.is_null() || reply.len <= 0 {
        return &[];
    }
    // SAFETY: a reply that is no integer has so many bytes, which live as long as it does.
    unsafe { slice::from_raw_parts(reply.string.cast::<u8>().cast_const(), reply.len as usize) }
}
