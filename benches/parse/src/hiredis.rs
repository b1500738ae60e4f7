//! hiredis, the C client library, behind safe Rust.

use std::{ffi::c_void, marker::PhantomData, ptr, slice};

use hiredis_sys::{
    REDIS_REPLY_ARRAY, REDIS_REPLY_ERROR, REDIS_REPLY_INTEGER, REDIS_REPLY_NIL, REDIS_REPLY_STATUS,
    freeReplyObject, redisReader, redisReaderCreate, redisReaderFeed, redisReaderFree,
    redisReaderGetReply, redisReply,
};

/// hiredis' parser.
pub struct Reader {
    /// From `redisReaderCreate`, until the drop.
    reader: *mut redisReader,
}

/// A reply of hiredis', owned.
pub struct Reply {
    /// From `redisReaderGetReply`, until the drop.
    reply: *mut redisReply,
}

/// The reader has seen what it takes for no reply.
#[derive(Debug)]
pub struct Refused;

/// What a reply is.
pub enum Data<'a> {
    Status(&'a [u8]),
    Error(&'a [u8]),
    Integer(i64),
    Bulk(&'a [u8]),
    Nil,
    Array(Elements<'a>),
}

/// The elements of an array.
pub struct Elements<'a> {
    elements: &'a [*mut redisReply],
    owner: PhantomData<&'a Reply>,
}

impl Reader {
    #[expect(clippy::new_without_default, reason = "it allocates")]
    pub fn new() -> Self {
        // SAFETY: there are no preconditions.
        let reader = unsafe { redisReaderCreate() };
        assert!(!reader.is_null());
        Self { reader }
    }

    pub fn feed(&mut self, bytes: &[u8]) {
        // SAFETY: the reader lives, and the bytes are copied.
        let status = unsafe { redisReaderFeed(self.reader, bytes.as_ptr().cast(), bytes.len()) };
        assert_eq!(status, 0);
    }

    /// The next reply, `None` while it is incomplete.
    pub fn reply(&mut self) -> Result<Option<Reply>, Refused> {
        let mut reply: *mut c_void = ptr::null_mut();
        // SAFETY: the reader lives, and `reply` can be written to.
        let status = unsafe { redisReaderGetReply(self.reader, &mut reply) };
        if status != 0 {
            return Err(Refused);
        }
        Ok((!reply.is_null()).then(|| Reply {
            reply: reply.cast(),
        }))
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // SAFETY: it lives, and nobody uses it after this.
        unsafe { redisReaderFree(self.reader) }
    }
}

impl Reply {
    pub fn data(&self) -> Data<'_> {
        // SAFETY: the reply lives as long as `self`.
        unsafe { data(self.reply) }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        // SAFETY: it lives, and nobody uses it after this.
        unsafe { freeReplyObject(self.reply.cast()) }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Data<'a>;

    fn next(&mut self) -> Option<Data<'a>> {
        let (&first, rest) = self.elements.split_first()?;
        self.elements = rest;
        // SAFETY: the elements live as long as the reply that owns them.
        Some(unsafe { data(first) })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.elements.len(), Some(self.elements.len()))
    }
}

impl ExactSizeIterator for Elements<'_> {}

/// # Safety
/// `reply` is a reply of hiredis' that lives for `'a`.
unsafe fn data<'a>(reply: *mut redisReply) -> Data<'a> {
    // SAFETY: the caller promises that it lives; hiredis sets the members that its type has.
    unsafe {
        // It leaves an element out where a damaged length made it stop early.
        let Some(reply) = reply.as_ref() else {
            return Data::Nil;
        };
        let text = || {
            // A damaged length can leave it without a text.
            if reply.string.is_null() || reply.len <= 0 {
                return &[][..];
            }
            slice::from_raw_parts(reply.string.cast::<u8>().cast_const(), reply.len as usize)
        };
        match reply.kind {
            REDIS_REPLY_STATUS => Data::Status(text()),
            REDIS_REPLY_ERROR => Data::Error(text()),
            REDIS_REPLY_INTEGER => Data::Integer(reply.integer),
            REDIS_REPLY_NIL => Data::Nil,
            REDIS_REPLY_ARRAY => Data::Array(Elements {
                elements: if reply.elements == 0 || reply.element.is_null() {
                    &[]
                } else {
                    slice::from_raw_parts(reply.element, reply.elements)
                },
                owner: PhantomData,
            }),
            _ => Data::Bulk(text()),
        }
    }
}
