//! A server on loopback that is played by a test.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use crate::record::record;
use crate::{Reply, Request};

/// Answers until it is let go; each connection carries one request.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    over: Arc<AtomicBool>,
}

impl Server {
    /// On a port of its own. Requests are played one at a time, in the order in which they have come whole; one that is
    /// kept waiting, or never comes, holds nobody up.
    pub fn start<R: Into<Reply>>(play: impl FnMut(&Request) -> R + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self { address: listener.local_addr().unwrap(), over: Arc::default() };
        let (over, play) = (server.over.clone(), Arc::new(Mutex::new(play)));
        let test = std::thread::current().name().unwrap_or_default().to_owned();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let (play, test) = (play.clone(), test.clone());
                std::thread::spawn(move || serve(stream, &play, &test));
            }
        });
        server
    }

    /// `http://127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // A connection wakes the thread, which ends, and its listener with it.
        drop(TcpStream::connect(self.address));
    }
}

fn serve<R: Into<Reply>>(mut stream: TcpStream, play: &Mutex<impl FnMut(&Request) -> R>, test: &str) {
    let Some(request) = Request::read(&stream) else { return };
    let reply = {
        let mut play = play.lock().unwrap();
        (*play)(&request).into()
    };
    record(test, &request, &reply);
    match reply {
        Reply::Told(answer) => drop(stream.write_all(&answer.bytes(&request.method))),
        Reply::Cut => {}
        Reply::Silence => drop(stream.read(&mut [0])),
    }
}
