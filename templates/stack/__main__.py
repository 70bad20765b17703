from eks_irsa.stack import deploy

deploy()
