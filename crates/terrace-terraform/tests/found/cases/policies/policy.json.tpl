{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [%{ for i, a in actions }${i > 0 ? ", " : ""}"${a}"%{ endfor }],
      "Resource": ["${bucket}", "${bucket}/*"]
    }
  ]
}
