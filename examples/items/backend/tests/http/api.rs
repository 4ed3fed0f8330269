//! The API as its own process, spoken to over HTTP.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use serde_json::Value;
use ureq::{Agent, http::Request};

/// A process of the API that lives as long as this value.
pub(crate) struct Api {
    process: Child,
    address: String,
    agent: Agent,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: Value,
}

impl Api {
    /// Starts one; several started this way start together.
    pub(crate) fn spawn(database: &str) -> Starting {
        let process = Command::new(env!("CARGO_BIN_EXE_items-api"))
            .env_clear()
            .envs([("DATABASE_URL", database), ("PORT", "0"), ("LOG_LEVEL", "info")])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Starting(process)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None, "")
    }

    pub(crate) fn json(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send(method, path, Some("application/json"), &body.to_string())
    }

    pub(crate) fn send(&self, method: &str, path: &str, content_type: Option<&str>, body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let mut response = self.agent.run(request.body(body.to_owned()).unwrap()).unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        let content_type = response.headers().get("content-type").map_or("", |value| value.to_str().unwrap());
        Answer {
            status: response.status().as_u16(),
            content_type: content_type.to_owned(),
            body: if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() },
        }
    }

    /// Asks it to end and says how it did.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.process.wait().unwrap()
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// A process that has not said yet where it listens.
pub(crate) struct Starting(Child);

impl Starting {
    pub(crate) fn listening(mut self) -> Api {
        let mut lines = BufReader::new(self.0.stdout.take().unwrap()).lines();
        let mut seen = String::new();
        let address = loop {
            let line = lines.next().unwrap_or_else(|| panic!("the API ended:\n{seen}")).unwrap();
            let entry: Value = serde_json::from_str(&line).unwrap();
            if entry["message"] == "listening" {
                break entry["address"].as_str().unwrap().to_owned();
            }
            seen = format!("{seen}{line}\n");
        };
        // Read on, or the process would block on a full pipe.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .timeout_global(Some(Duration::from_secs(30)))
            .build()
            .into();
        Api { process: self.0, address, agent }
    }
}
