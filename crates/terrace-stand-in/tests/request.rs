//! Requests as they come over a socket.

#![expect(clippy::unwrap_used, reason = "a test may stop where it is wrong")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use terrace_stand_in::{Answer, Reply, Request, Server};

/// What is read of these bytes, after which the other side goes.
fn read(sent: &str) -> Option<Request> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    client.write_all(sent.as_bytes()).unwrap();
    drop(client);
    Request::read(&listener.accept().unwrap().0)
}

#[test]
fn a_request_is_read_to_the_end_of_its_body() {
    let head = "POST /a?b HTTP/1.1\r\nX-Amz-Target: Logs.Put\r\ncontent-length:5\r\nAuthorization: AWS4 \
                Credential=A/20261121/eu-west-1/logs/aws4_request, Signature=0\r\n\r\n";
    let request = read(&format!("{head}hello and more")).unwrap();
    assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/a?b"));
    assert_eq!(
        request.headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["x-amz-target", "content-length", "authorization"]
    );
    assert_eq!((request.region(), request.service(), request.action()), ("eu-west-1", "logs", Some("Put")));
    assert_eq!((request.text(), request.call().as_str()), ("hello", "logs:Put"));
    assert!(read(&format!("{head}hell")).is_none());
    assert!(read(head.trim_end()).is_none());
    assert!(read("").is_none());
}

#[test]
fn an_action_is_found_in_a_form() {
    let form = read("POST / HTTP/1.1\r\ncontent-length: 22\r\n\r\nAction=List&Version=10").unwrap();
    assert_eq!((form.region(), form.service(), form.action()), ("", "", Some("List")));
    assert_eq!(read("GET / HTTP/1.1\r\n\r\n").unwrap().action(), None);
}

#[test]
fn a_server_answers_as_it_is_played_and_is_held_up_by_nobody() {
    let server = Server::start(|request| match request.target.as_str() {
        "/silence" => Reply::Silence,
        "/cut" => Reply::Cut,
        "/gone" => Answer::of(404, "gone").with("x-a", "b").into(),
        "/long" => Answer::of(200, "").with("Content-Length", "7").into(),
        _ => Answer::of(200, "hello").into(),
    });
    let connect = || TcpStream::connect(server.address().strip_prefix("http://").unwrap()).unwrap();
    let asked = |what: &str| {
        let mut stream = connect();
        write!(stream, "{what} HTTP/1.1\r\n\r\n").unwrap();
        stream
    };
    let told = |what: &str| {
        let mut text = String::new();
        asked(what).read_to_string(&mut text).unwrap();
        text.replace('\r', "")
    };
    let (idle, mut silent) = (connect(), asked("GET /silence"));
    assert_eq!(told("GET /cut"), "");
    let gone = "HTTP/1.1 404 Told\nConnection: close\nContent-Length: 4\nx-a: b\n\n";
    assert_eq!(told("GET /gone"), format!("{gone}gone"));
    assert_eq!(told("HEAD /"), "HTTP/1.1 200 Told\nConnection: close\nContent-Length: 5\n\n");
    assert_eq!(told("HEAD /long"), "HTTP/1.1 200 Told\nConnection: close\nContent-Length: 7\n\n");
    silent.set_nonblocking(true).unwrap();
    assert_eq!(silent.read(&mut [0]).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    drop(idle);
}

#[test]
fn each_service_refuses_in_its_own_words() {
    let refused = |head: &str| {
        let (head, body) = head.split_once("| ").unwrap_or((head, ""));
        let signed =
            |service: &str| format!("authorization: A Credential=A/2/eu-west-1/{service}/aws4_request");
        let head = head
            .split_once(' ')
            .map_or(signed(head), |(service, more)| format!("{}\r\n{more}", signed(service)));
        let length = body.len();
        let request = read(&format!("POST / HTTP/1.1\r\n{head}\r\ncontent-length: {length}\r\n\r\n{body}"));
        let answer = request.unwrap().refused(400, "Gone", "it went");
        (String::from_utf8(answer.body).unwrap(), answer.headers)
    };
    let text = |head: &str| refused(head).0.replace("b9f0b6c1-2a53-4e34-9d4e-2a1b3c4d5e6f", "ID");
    assert_eq!(text("ecs x-amz-target: Ecs.List"), r#"{"__type":"Gone","message":"it went"}"#);
    let error = "<Code>Gone</Code><Message>it went</Message>";
    assert_eq!(text("s3"), format!("<Error>{error}<RequestId>ID</RequestId></Error>"));
    let ec2 =
        format!("<Response><Errors><Error>{error}</Error></Errors><RequestID>ID</RequestID></Response>");
    assert_eq!(text("ec2| Action=A"), ec2);
    let other = format!(
        "<ErrorResponse><Error><Type>Sender</Type>{error}</Error><RequestId>ID</RequestId></ErrorResponse>"
    );
    assert_eq!((text("rds| Action=A"), text("cloudfront")), (other.clone(), other));
    let rest =
        (r#"{"message":"it went"}"#.to_owned(), vec![("x-amzn-ErrorType".to_owned(), "Gone".to_owned())]);
    assert_eq!(refused("imagebuilder"), rest);
}
