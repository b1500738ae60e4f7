//! Prints a stream of RESP as lines of JSON: a line for every top-level reply, and one on how it ended.
//!
//! ```text
//! resp2json [--chunk N] [--protocol 2|3] [FILE]
//! ```
//!
//! It reads FILE, or else standard input, and feeds the framer N bytes at a time, by default all at once. With
//! `--protocol 2` the types that only RESP3 has are errors. Every reply gives
//!
//! ```text
//! {"end": OFFSET, "value": VALUE}
//! ```
//!
//! OFFSET counts bytes of the stream; VALUE is described in `json.rs`. The last line is one of
//!
//! ```text
//! {"state": "ok", "offset": END}                      status 0
//! {"state": "incomplete", "offset": START}            status 1: where the unfinished reply starts
//! {"state": "error", "error": TEXT, "offset": PLACE}  status 2: the byte at fault
//! ```
//!
//! A wrong argument or a file that cannot be read is status 3. It holds the bytes of one reply and of what
//! was fed beyond it, and whatever a header claims, no more.

#![forbid(unsafe_code)]

mod json;
#[cfg(test)]
mod tests;

use std::{
    env,
    error::Error,
    fs::File,
    io::{self, BufWriter, Read, Write},
    process::ExitCode,
};

use resp_proto::{Framer, Limits, Protocol};

struct Arguments {
    /// How many bytes to feed at a time; all at once if `None`.
    chunk: Option<usize>,
    protocol: Protocol,
    file: Option<String>,
}

fn main() -> ExitCode {
    let output = BufWriter::new(io::stdout().lock());
    let done = Arguments::parse(env::args().skip(1)).and_then(|arguments| match &arguments.file {
        Some(file) => run(&arguments, File::open(file)?, output),
        None => run(&arguments, io::stdin().lock(), output),
    });
    match done {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("resp2json: {error}");
            ExitCode::from(3)
        }
    }
}

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut arguments = Self {
            chunk: None,
            protocol: Protocol::Resp3,
            file: None,
        };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--chunk" => {
                    let size: usize = words.next().ok_or("--chunk wants a number")?.parse()?;
                    arguments.chunk = Some(size.max(1));
                }
                "--protocol" => {
                    arguments.protocol = match words.next().as_deref() {
                        Some("2") => Protocol::Resp2,
                        Some("3") => Protocol::Resp3,
                        _ => return Err("--protocol wants 2 or 3".into()),
                    }
                }
                flag if flag.starts_with("--") => {
                    return Err(format!("unknown option {flag}").into());
                }
                _ => arguments.file = Some(word),
            }
        }
        Ok(arguments)
    }
}

/// Reads all of `input` and prints what it holds; the exit status.
fn run(
    arguments: &Arguments,
    mut input: impl Read,
    mut output: impl Write,
) -> Result<u8, Box<dyn Error>> {
    let mut framer = Framer::with_limits(Limits::new().protocol(arguments.protocol));
    // What has been fed and not been printed, and where in the stream it starts.
    let mut buffer = Vec::new();
    let mut start = 0;
    loop {
        let fed = match arguments.chunk {
            Some(size) => input.by_ref().take(size as u64).read_to_end(&mut buffer)?,
            None => input.read_to_end(&mut buffer)?,
        };
        let mut printed = 0;
        loop {
            match framer.advance(&buffer[printed..]) {
                Ok(Some(frame)) => {
                    printed += frame.len();
                    write!(output, "{{\"end\": {}, \"value\": ", start + printed)?;
                    json::write(&mut output, frame.reply())?;
                    output.write_all(b"}\n")?;
                }
                Ok(None) => break,
                Err(error) => {
                    let offset = start + printed + error.offset();
                    let text = json::quoted(&error.to_string());
                    writeln!(
                        output,
                        "{{\"state\": \"error\", \"error\": {text}, \"offset\": {offset}}}"
                    )?;
                    output.flush()?;
                    return Ok(2);
                }
            }
        }
        buffer.drain(..printed);
        start += printed;
        if fed == 0 {
            let complete = buffer.is_empty();
            let state = if complete { "ok" } else { "incomplete" };
            writeln!(output, "{{\"state\": \"{state}\", \"offset\": {start}}}")?;
            output.flush()?;
            return Ok(u8::from(!complete));
        }
    }
}
