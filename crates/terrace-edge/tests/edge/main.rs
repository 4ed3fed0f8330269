//! The edge as its clients and its starter see it: a real process, real sockets, real files.

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod control;
#[cfg(test)]
mod files;
#[cfg(test)]
mod lane;
#[cfg(test)]
mod life;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod log;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod upstream;
