"""AWS, Kubernetes and a real Pulumi engine on this machine, to run the program on."""
