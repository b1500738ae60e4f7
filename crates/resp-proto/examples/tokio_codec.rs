//! A codec for `tokio_util`: requests out, replies in.

use std::io;

use bytes::{Bytes, BytesMut};
use futures_util::{SinkExt, StreamExt};
use resp_proto::{Frame, Framer, encode};
use tokio_util::codec::{Decoder, Encoder, Framed};

/// Gives out the bytes of one reply after another, to be viewed by [`Frame::again`].
#[derive(Default)]
struct Resp {
    framer: Framer,
}

impl Decoder for Resp {
    type Item = Bytes;
    type Error = io::Error;

    fn decode(&mut self, source: &mut BytesMut) -> io::Result<Option<Bytes>> {
        let frame = self.framer.advance(source);
        let length = frame.map_err(io::Error::other)?.map(|frame| frame.len());
        Ok(length.map(|length| source.split_to(length).freeze()))
    }
}

impl Encoder<&[&[u8]]> for Resp {
    type Error = io::Error;

    fn encode(&mut self, arguments: &[&[u8]], out: &mut BytesMut) -> io::Result<()> {
        encode::request(&mut encode::Extending(out), arguments);
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:6379".into());
    let socket = tokio::net::TcpStream::connect(address).await?;
    let mut connection = Framed::new(socket, Resp::default());
    for request in [&[&b"INCR"[..], b"visits"], &[b"ECHO", b"hello"]] {
        connection.send(request).await?;
        let reply = connection.next().await.ok_or("the server hung up")??;
        println!("{:?}", Frame::again(&reply).reply());
    }
    Ok(())
}
