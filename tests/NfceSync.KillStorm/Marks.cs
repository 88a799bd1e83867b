using System;
using System.IO;
using System.Text;
using System.Threading;

using NfceSync.Core.Queue;

namespace NfceSync.KillStorm;

/// <summary>
/// Tells the parent where the process is: one line of standard output and one system call a mark, so that the marks stay in
/// order with the process's other system calls and outlive it in the pipe.
/// </summary>
internal sealed class Marks : IDisposable
{
    public const string Ready = "@Ready";
    public const string Halted = "@Halted";

    /// <summary>Followed by the service and, where there is one, the access key: a request is about to leave.</summary>
    public const string Wire = "@Wire";

    /// <summary>Followed by the error's id and its message.</summary>
    public const string Error = "@Error";

    /// <summary>Followed by the reason why a run ended early.</summary>
    public const string Stopped = "@Stopped";

    private readonly Stream _out = Console.OpenStandardOutput();
    private readonly CrashPoint? _haltAt;
    private readonly int _haltOn;
    private int _passed;

    public Marks(CrashPoint? haltAt, int haltOn)
    {
        _haltAt = haltAt;
        _haltOn = haltOn;
    }

    public static string Of(CrashPoint point) => "@" + point;

    public void Write(string mark) => _out.Write(Encoding.UTF8.GetBytes(mark + "\n"));

    /// <summary>Marks the point, and stands still there when it is the one to be killed at.</summary>
    public void Pass(CrashPoint point)
    {
        Write(Of(point));
        if (point == _haltAt && Interlocked.Increment(ref _passed) == _haltOn)
        {
            Write(Halted);
            using Stream parent = Console.OpenStandardInput();
            if (parent.ReadByte() < 0)
            {
                // The parent died without killing this process: it must not stay behind.
                Environment.Exit(ChildExit.Failed);
            }
        }
    }

    public void Dispose() => _out.Dispose();
}
