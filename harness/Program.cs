Console.WriteLine("ipsec-conformance");
