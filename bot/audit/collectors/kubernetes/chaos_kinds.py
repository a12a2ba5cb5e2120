"""The kinds of experiments that Chaos Mesh has.

Source: https://chaos-mesh.org/docs/basic-features/ (list of fault types).
"""

from typing import Final

EXPERIMENTS: Final = {
    "PodChaos": "podchaos",
    "NetworkChaos": "networkchaos",
    "StressChaos": "stresschaos",
    "IOChaos": "iochaos",
    "HTTPChaos": "httpchaos",
    "DNSChaos": "dnschaos",
    "TimeChaos": "timechaos",
    "KernelChaos": "kernelchaos",
    "JVMChaos": "jvmchaos",
    "BlockChaos": "blockchaos",
    "AWSChaos": "awschaos",
    "GCPChaos": "gcpchaos",
    "AzureChaos": "azurechaos",
    "PhysicalMachineChaos": "physicalmachinechaos",
}
"""Every kind of experiment, with the plural that the API calls it by."""
