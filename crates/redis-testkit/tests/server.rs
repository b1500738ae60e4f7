//! Starting, reaching, signalling and refusing to start a real server.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use redis_testkit::{ErrorKind, Server, ServerBinary};

#[test]
fn a_server_answers_on_both_of_its_addresses() {
    let server = Server::start().unwrap();
    assert_eq!(over_tcp(&server, "PING\r\n"), "+PONG\r\n");
    assert_eq!(over_unix(&server, "PING\r\n"), "+PONG\r\n");
    assert_eq!(
        server.url(),
        format!("redis://{}:{}", server.host(), server.port())
    );
    assert_eq!(
        server.unix_url(),
        format!("unix://{}", server.socket_path().display())
    );
    assert!(server.is_running());
    assert!(
        server.log().contains("eady to accept connections"),
        "{}",
        server.log()
    );
}

#[test]
fn servers_started_side_by_side_share_nothing() {
    let servers: Vec<Server> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| Server::start().unwrap()))
            .collect();
        starts
            .into_iter()
            .map(|start| start.join().unwrap())
            .collect()
    });
    for (n, server) in servers.iter().enumerate() {
        assert_eq!(over_tcp(server, &format!("SET whoami {n}\r\n")), "+OK\r\n");
    }
    for (n, server) in servers.iter().enumerate() {
        assert_eq!(
            over_unix(server, "GET whoami\r\n"),
            format!("$1\r\n{n}\r\n")
        );
    }
}

#[test]
fn a_password_is_asked_for_and_never_shown() {
    let server = Server::builder()
        .password("pass word\"\\1")
        .start()
        .unwrap();
    assert!(over_tcp(&server, "PING\r\n").starts_with("-NOAUTH"));
    let auth = "*2\r\n$4\r\nAUTH\r\n$12\r\npass word\"\\1\r\n";
    assert_eq!(over_tcp(&server, auth), "+OK\r\n");
    assert!(
        server
            .url()
            .starts_with("redis://:pass%20word%22%5C1@127.0.0.1:"),
        "{}",
        server.url()
    );
    assert!(!format!("{server:?}").contains("pass word"));
}

#[test]
fn configuration_and_arguments_reach_the_server() {
    let server = Server::builder()
        .config("databases", "3")
        .config("maxclients", "1")
        .arg("--maxmemory")
        .arg("100mb")
        .start()
        .unwrap();
    assert_eq!(
        over_tcp(&server, "CONFIG GET databases\r\n"),
        "*2\r\n$9\r\ndatabases\r\n$1\r\n3\r\n"
    );
    let maxmemory = "*2\r\n$9\r\nmaxmemory\r\n$9\r\n104857600\r\n";
    assert_eq!(over_unix(&server, "CONFIG GET maxmemory\r\n"), maxmemory);
}

#[test]
fn a_paused_server_accepts_and_says_nothing_until_it_is_resumed() {
    let server = Server::start().unwrap();
    server.pause().unwrap();
    let mut socket = TcpStream::connect(server.tcp_addr()).unwrap();
    socket.write_all(b"PING\r\n").unwrap();
    socket
        .set_read_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    assert!(socket.read(&mut [0; 16]).is_err());
    assert!(server.is_running());

    server.resume().unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    let mut answer = [0; 7];
    socket.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"+PONG\r\n");
}

#[test]
fn a_killed_server_comes_back_empty_on_the_same_port() {
    let server = Server::start().unwrap();
    assert_eq!(over_tcp(&server, "SET a 1\r\n"), "+OK\r\n");
    server.kill().unwrap();
    server.kill().unwrap();
    assert!(!server.is_running());
    assert!(TcpStream::connect(server.tcp_addr()).is_err());

    let pid = server.pid();
    server.restart().unwrap();
    assert_ne!(server.pid(), pid);
    assert_eq!(over_tcp(&server, "GET a\r\n"), "$-1\r\n");
}

/// Where ports can be kept: see `Server::port`.
#[test]
#[cfg(target_os = "linux")]
fn the_port_of_a_server_that_is_down_is_given_to_nobody() {
    let server = Server::start().unwrap();
    server.kill().unwrap();
    // Several times as many as there are to give.
    for _ in 0..50_000 {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        assert_ne!(other.local_addr().unwrap(), server.tcp_addr());
    }
    assert!(TcpStream::connect(server.tcp_addr()).is_err());
    server.restart().unwrap();
}

#[test]
fn a_stopped_server_ended_by_itself() {
    let server = Server::start().unwrap();
    server.stop().unwrap();
    assert!(!server.is_running());
    assert!(server.log().contains("SIGTERM"), "{}", server.log());
}

#[test]
fn a_server_that_ends_by_itself_is_noticed() {
    let server = Server::start().unwrap();
    let _ = TcpStream::connect(server.tcp_addr())
        .unwrap()
        .write_all(b"SHUTDOWN NOSAVE\r\n");
    let deadline = Instant::now() + Duration::from_secs(5);
    while server.is_running() {
        assert!(Instant::now() < deadline, "still running");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_refused_configuration_is_told_in_the_servers_own_words() {
    let begun = Instant::now();
    let error = Server::builder()
        .config("no-such-directive", "1")
        .start()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exited);
    let message = error.to_string();
    assert!(message.contains("ended before it answered"), "{message}");
    assert!(message.contains("no-such-directive"), "{message}");
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );

    let error = Server::builder()
        .config("dir", "/tmp\nport 1")
        .start()
        .unwrap_err();
    assert!(error.to_string().contains("line break"), "{error}");
}

#[test]
fn a_port_that_stays_taken_is_given_up_on() {
    let other = Server::start().unwrap();
    let builder = Server::builder().config("port", other.port().to_string());
    let error = builder.start().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exited);
    assert!(
        error.to_string().contains("Address already in use"),
        "{error}"
    );
}

#[test]
fn a_server_that_never_answers_is_given_up_in_time() {
    // With another socket than the one we ask, it looks as if it never came up.
    let builder = Server::builder().arg("--unixsocket").arg("other.sock");
    let error = builder
        .start_timeout(Duration::from_millis(300))
        .start()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(
        error.to_string().contains("did not answer within 300ms"),
        "{error}"
    );
}

#[test]
fn a_path_that_is_no_server_is_refused_with_the_reason() {
    let error = ServerBinary::at("/no/such/redis-server").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(
        error.to_string().contains("/no/such/redis-server"),
        "{error}"
    );

    let error = ServerBinary::at("/etc/hostname").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotAServer);

    let error = ServerBinary::at("/bin/echo").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotAServer);
    assert!(
        error
            .to_string()
            .starts_with("expected a Redis or Valkey server"),
        "{error}"
    );
}

fn over_tcp(server: &Server, request: &str) -> String {
    exchange(TcpStream::connect(server.tcp_addr()).unwrap(), request)
}

fn over_unix(server: &Server, request: &str) -> String {
    exchange(UnixStream::connect(server.socket_path()).unwrap(), request)
}

/// Sends one request, and reads all that comes before the answer to the `QUIT` behind it.
fn exchange(mut socket: impl Read + Write, request: &str) -> String {
    socket
        .write_all(format!("{request}QUIT\r\n").as_bytes())
        .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer.strip_suffix("+OK\r\n").unwrap_or(&answer).to_owned()
}
