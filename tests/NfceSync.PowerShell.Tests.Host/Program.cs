using System;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Remoting;

namespace NfceSync.PowerShell.Tests;

/// <summary>
/// <c>run &lt;script&gt; &lt;arguments&gt;</c>: runs the script in a process whose default load context is untouched, a line an object.
/// <c>serve &lt;pipe&gt;</c>: offers remote sessions on the engine's named pipe until the standard input ends.
/// </summary>
public static class Program
{
    public static int Main(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        if (args[0] == "serve")
        {
            RemoteSessionNamedPipeServer.CreateCustomNamedPipeServer(args[1]);
            Console.Out.WriteLine("ready");
            Console.In.ReadToEnd();
            return 0;
        }

        using var engine = new Engine(module: "");
        EngineResult result = engine.Run(File.ReadAllText(args[1]), [.. args.Skip(2)]);
        foreach (PSObject item in result.Output)
        {
            Console.Out.WriteLine(item);
        }

        foreach (ErrorRecord error in result.Errors)
        {
            Console.Error.WriteLine(error + Environment.NewLine + error.Exception + Environment.NewLine + error.ScriptStackTrace);
        }

        return result.Errors.Count;
    }
}
