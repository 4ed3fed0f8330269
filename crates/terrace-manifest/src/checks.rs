//! What each value allows and the whole does not.
//!
//! Each check names both places. It runs on whatever could be read, so that one wrong value hides no other.

use terrace_diag::{Diagnostic, Diagnostics};
use terrace_topology::{Entrance, Shape, WebServer};

use crate::manifest::Settings;
use crate::{Places, code, lower};

/// Reports all contradictions and doubts.
pub(crate) fn report(settings: &Settings, places: &Places, diagnostics: &mut Diagnostics) {
    shape(settings, diagnostics);
    count(settings, diagnostics);
    let _ = places;
}

fn shape(settings: &Settings, diagnostics: &mut Diagnostics) {
    let Some(shape) = settings.shape.as_ref().filter(|s| *s.value() == Shape::Containers) else { return };
    if let Some(edge) = settings.edge.as_ref().filter(|e| *e.value() == Entrance::LoadBalancer) {
        diagnostics.push(
            Diagnostic::error(code::CONTRADICTION, "`edge = \"alb\"` contradicts `shape = \"fargate\"`")
                .at(edge.span(), "a public load balancer")
                .with(shape.span(), "here only CloudFront is public")
                .help("take `edge` out, or write `edge = \"cloudfront\"` or `shape = \"ec2\"`"),
        );
    }
    if let Some(server) = settings.web.server.as_ref().filter(|s| *s.value() == WebServer::Nginx) {
        diagnostics.push(
            Diagnostic::warning(code::NO_EFFECT, "`web.server` has no effect in shape `fargate`")
                .at(server.span(), "no server serves the page")
                .with(shape.span(), "here it comes from a bucket behind CloudFront")
                .help("take `server` out"),
        );
    }
}

fn count(settings: &Settings, diagnostics: &mut Diagnostics) {
    let count = &settings.app.count;
    let (min, max) = lower::bounds(count);
    if max < min
        && let (Some(least), Some(most)) = (&count.min, &count.max)
    {
        diagnostics.push(
            Diagnostic::error(code::CONTRADICTION, "`app.count.max` is below `app.count.min`")
                .at(most.span(), format!("at most {max}"))
                .with(least.span(), format!("and at least {min}"))
                .help(format!("write `max = {min}` or more")),
        );
    }
}
