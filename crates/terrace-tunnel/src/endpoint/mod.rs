//! An endpoint on loopback that speaks as Session Manager does, to rehearse against.
