//! Ctrl-C: the first stops at the next safe point, the second at once.
//!
//! GUARANTEE: what is done [`in_steps`] leaves no step that still moves, however it ended.

use std::sync::Arc;

use terrace_cloud::terraform::{Stop, stopping};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::progress::Steps;
use crate::signals::Signals;

/// Does something in steps that are shown, and listens to who wants it to stop. Nothing moves any more when it is over.
pub(crate) async fn in_steps<T>(
    printer: Printer,
    title: &str,
    names: &[&'static str],
    work: impl AsyncFnOnce(&Asked, &Steps) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let steps = Arc::new(Steps::new(printer, title, names));
    let done = async { work(&Asked::listen(&steps)?, &steps).await }.await;
    if done.is_err() {
        steps.broke("not done");
    }
    steps.settle();
    done
}

/// Listens to who wants it to stop.
pub(crate) struct Asked {
    times: watch::Receiver<u8>,
    stop: Stop,
    listening: JoinHandle<()>,
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Asked {
    /// From now on; what is asked is told above the steps.
    fn listen(steps: &Arc<Steps>) -> Result<Self, Failure> {
        let mut signals = Signals::listen()?;
        let (tell, times) = watch::channel(0_u8);
        let (stopper, stop) = stopping();
        let steps = Arc::clone(steps);
        let listening = tokio::spawn(async move {
            loop {
                signals.next().await;
                let times = tell.borrow().saturating_add(1);
                steps.say(match times {
                    1 => "stopping at the next safe point; Ctrl-C again leaves at once",
                    _ => "leaving",
                });
                stopper.ask();
                let _nobody_waits = tell.send(times);
            }
        });
        Ok(Self { times, stop, listening })
    }

    /// For Terraform, which counts for itself.
    pub(crate) fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// Does something that may be let go of at any moment, because the next run looks before it makes.
    pub(crate) async fn or<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let mut times = self.times.clone();
        tokio::select! {
            biased;
            asked = times.wait_for(|times| *times > 0) => match asked {
                Ok(_) => Err(stopped()),
                Err(_) => std::future::pending().await,
            },
            done = work => done,
        }
    }

    /// Whether somebody has asked.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if *self.times.borrow() > 0 { Err(stopped()) } else { Ok(()) }
    }
}

fn stopped() -> Failure {
    Failure::new("stopped, as asked for").help("the same command goes on from here").exit(Exit::Interrupted)
}
