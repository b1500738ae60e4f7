//! A program without a standard library and without an allocator: it reads a reply of every type and
//! writes a request. Its exit status is 0 when all was right, else the number of the story that was not.

#![no_std]
#![no_main]

use core::fmt::{self, Write};

use resp_proto::{
    Data, Framer, Limits, Reply,
    encode::{self, FixedBuffer},
};

// The C library starts the program and has memcpy; nothing else of it is used.
#[link(name = "c")]
unsafe extern "C" {
    safe fn abort() -> !;
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    abort()
}

/// The core library comes compiled for programs that unwind and refers to this. It is never called.
// SAFETY: the symbol is the standard library's, which this program does not have.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

// SAFETY: `main` is the one symbol that the C library's start code looks for, with this signature.
#[unsafe(no_mangle)]
extern "C" fn main(_count: i32, _arguments: *const *const u8) -> i32 {
    let stories: [fn() -> Option<bool>; 8] = [
        every_type_is_read,
        a_reply_in_pieces_is_read,
        attributes_are_read,
        borrowed_types_are_decoded,
        errors_say_where,
        limits_are_kept,
        a_request_is_written,
        a_buffer_too_small_tells_the_size,
    ];
    let failed = stories.iter().position(|story| story() != Some(true));
    failed.map_or(0, |index| index as i32 + 1)
}

fn every_type_is_read() -> Option<bool> {
    type Check = fn(Data<'_>) -> bool;
    let samples: [(&[u8], Check); 16] = [
        (b"+OK\r\n", |data| matches!(data, Data::Simple(b"OK"))),
        (b"-ERR no\r\n", |data| {
            matches!(data, Data::Error(b"ERR no"))
        }),
        (b":-42\r\n", |data| matches!(data, Data::Integer(-42))),
        (b"$3\r\na\r\n\r\n", |data| {
            matches!(data, Data::Bulk(b"a\r\n"))
        }),
        (b"$-1\r\n", |data| matches!(data, Data::Null)),
        (b"*-1\r\n", |data| matches!(data, Data::Null)),
        (b"_\r\n", |data| matches!(data, Data::Null)),
        (b",0.25\r\n", |data| matches!(data, Data::Double(0.25))),
        (b"#t\r\n", |data| matches!(data, Data::Boolean(true))),
        (b"(12345678901234567890\r\n", |data| {
            matches!(data, Data::BigNumber(b"12345678901234567890"))
        }),
        (b"!6\r\nERR no\r\n", |data| {
            matches!(data, Data::Error(b"ERR no"))
        }),
        (
            b"=6\r\ntxt:hi\r\n",
            |data| matches!(data, Data::Verbatim { format, text: b"hi" } if &format == b"txt"),
        ),
        (b"*2\r\n:1\r\n:2\r\n", |data| sum(data) == Some(3)),
        (b"~2\r\n:3\r\n:4\r\n", |data| sum(data) == Some(7)),
        (b">2\r\n:5\r\n:6\r\n", |data| sum(data) == Some(11)),
        (b"%1\r\n+a\r\n:1\r\n", |data| match data {
            Data::Map(mut entries) => entries
                .next()
                .is_some_and(|(key, value)| key.decode() == Ok("a") && value.decode() == Ok(1_i64)),
            _ => false,
        }),
    ];
    for (bytes, is_right) in samples {
        if !is_right(read(bytes)?.data()) {
            return None;
        }
    }
    Some(true)
}

fn a_reply_in_pieces_is_read() -> Option<bool> {
    let bytes = b"*2\r\n$5\r\nhello\r\n*1\r\n#f\r\n";
    let mut framer = Framer::new();
    for arrived in 0..bytes.len() {
        if framer.advance(bytes.get(..arrived)?).ok()?.is_some() {
            return None;
        }
    }
    let frame = framer.advance(bytes).ok()??;
    let (text, [flag]): (&str, [bool; 1]) = frame.reply().decode().ok()?;
    Some(text == "hello" && !flag)
}

fn attributes_are_read() -> Option<bool> {
    let reply = read(b"|1\r\n+ttl\r\n:9\r\n:1\r\n")?;
    let (name, value) = reply.attributes().next()?;
    Some(name.decode() == Ok("ttl") && value.decode() == Ok(9) && reply.decode() == Ok(1))
}

fn borrowed_types_are_decoded() -> Option<bool> {
    let reply = read(b"*4\r\n$1\r\nk\r\n$3\r\n1.5\r\n$-1\r\n:7\r\n")?;
    let (key, score, none, count): (&[u8], f64, Option<&str>, u8) = reply.decode().ok()?;
    Some(key == b"k" && score == 1.5 && none.is_none() && count == 7)
}

fn errors_say_where() -> Option<bool> {
    let pair = read(b"*1\r\n*2\r\n:1\r\n+x\r\n")?.decode::<[(u8, u8); 1]>();
    let deeper = read(b"*1\r\n*1\r\n*1\r\n+x\r\n")?.decode::<[[(u8,); 1]; 1]>();
    let found = "expected an integer, found a simple string of 1 bytes";
    for (error, place) in [
        (pair.err()?, "element 2 of element 1: "),
        (deeper.err()?, "in element 1 of element 1: "),
    ] {
        let mut left = Expected([place, found]);
        write!(left, "{error}").ok()?;
        if left.0 != [""; 2] {
            return None;
        }
    }
    Some(true)
}

/// What is still to be written, in pieces of which each is begun when the one before is done.
struct Expected<'a>([&'a str; 2]);

impl Write for Expected<'_> {
    fn write_str(&mut self, written: &str) -> fmt::Result {
        let [first, second] = &mut self.0;
        let piece = if first.is_empty() { second } else { first };
        *piece = piece.strip_prefix(written).ok_or(fmt::Error)?;
        Ok(())
    }
}

fn limits_are_kept() -> Option<bool> {
    let mut framer = Framer::with_limits(Limits::new().nesting(2));
    Some(framer.advance(b"*1\r\n*1\r\n*1\r\n").is_err())
}

fn a_request_is_written() -> Option<bool> {
    let mut bytes = [0; 64];
    let mut out = FixedBuffer::new(&mut bytes);
    encode::array(&mut out, 4);
    encode::bulk(&mut out, b"ZADD");
    encode::bulk(&mut out, b"key");
    encode::float(&mut out, 1.5);
    encode::integer(&mut out, 42);
    let written = out.finish().ok()?;
    Some(written == b"*4\r\n$4\r\nZADD\r\n$3\r\nkey\r\n$3\r\n1.5\r\n$2\r\n42\r\n")
}

fn a_buffer_too_small_tells_the_size() -> Option<bool> {
    let mut bytes = [0; 13];
    let mut out = FixedBuffer::new(&mut bytes);
    encode::request(&mut out, &[b"PING"]);
    Some(out.finish() == Err(14))
}

fn sum(data: Data<'_>) -> Option<i64> {
    match data {
        Data::Array(elements) | Data::Set(elements) | Data::Push(elements) => {
            elements.map(|element| element.decode::<i64>().ok()).sum()
        }
        _ => None,
    }
}

fn read(bytes: &[u8]) -> Option<Reply<'_>> {
    let frame = Framer::new().advance(bytes).ok()??;
    (frame.len() == bytes.len()).then(|| frame.reply())
}
